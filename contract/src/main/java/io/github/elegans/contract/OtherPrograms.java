package io.github.elegans.contract;

import io.github.elegans.kernels.Kernels;
import io.github.elegans.kernels.ProgramKernels;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/** A backend whose programs are rendered in one certain way. */
public final class OtherPrograms {
  private OtherPrograms() {}

  public static Kernels of(Kernels kernels, ProgramKernels programs) {
    InvocationHandler handler =
        (proxy, method, arguments) ->
            method.getName().equals("programs") ? programs : method.invoke(kernels, arguments);
    return (Kernels)
        Proxy.newProxyInstance(
            Kernels.class.getClassLoader(), new Class<?>[] {Kernels.class}, handler);
  }
}
