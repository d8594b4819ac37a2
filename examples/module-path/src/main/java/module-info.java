/** An application that is a module. It names the library; the backends are found as services. */
module com.example.liquid {
  requires io.github.elegans.networks;
}
