/** For the module path: Hipparchus' jars are modules by the names of their files. */
module com.example.others {
  requires hipparchus.core;
  requires hipparchus.ode;
  requires io.github.elegans.djl;
  requires io.github.elegans.hipparchus;
  requires io.github.elegans.ode;
  requires io.github.elegans.orekit;
  requires org.orekit;
}
