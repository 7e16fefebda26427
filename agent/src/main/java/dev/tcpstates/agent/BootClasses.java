// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipFile;

/**
 * Defines the hooks and event classes in the boot loader, where the JDK's own classes and JFR see
 * them, and where exactly one of each can be.
 *
 * <p>Not with {@code appendToBootstrapClassLoaderSearch}: from then on, the JVM loads none of the
 * application's classes from its CDS archive, and prints a warning about it.
 */
final class BootClasses {
  private static final String FOLDER = "boot/";
  private static final String SUFFIX = ".classdata";
  private static final String ACCESS = "jdk.internal.access";

  private BootClasses() {}

  /** Opens to this module what it uses of the JDK's insides, and gives it native access. */
  static void open(Instrumentation instrumentation) {
    Module self = BootClasses.class.getModule();
    Set<Module> toSelf = Set.of(self);
    Module base = Object.class.getModule();
    Map<String, Set<Module>> exports =
        new HashMap<>(
            Map.of(ACCESS, toSelf, "jdk.internal.misc", toSelf, "jdk.internal.vm", toSelf));
    if (base.getPackages().contains(Checkpoints.PACKAGE)) {
      exports.put(Checkpoints.PACKAGE, toSelf);
    }
    instrumentation.redefineModule(
        base,
        Set.of(),
        exports,
        Map.of("java.io", toSelf, "java.lang", toSelf, "java.net", toSelf),
        Set.of(),
        Map.of());
    allowNativeAccess(self);
  }

  /** By its name: what it returns is not the same in all JDKs. */
  private static void allowNativeAccess(Module self) {
    try {
      Method grant = Module.class.getDeclaredMethod("implAddEnableNativeAccess");
      grant.setAccessible(true);
      grant.invoke(self);
    } catch (ReflectiveOperationException e) {
      // The JVM warns of this module then, from JDK 24 on.
    }
  }

  /**
   * Defines all classes of the jar's {@code boot/} folder.
   *
   * @throws LinkageError if one of them can't be defined, for want of jdk.jfr for example
   */
  static void define(Path jar) throws IOException {
    try (ZipFile file = new ZipFile(jar.toFile())) {
      // The build has written down which they are, each after those that it names: JFR looks at an
      // event class when it is defined, with its settings and annotations.
      for (String path : new String(read(file, "classes"), StandardCharsets.UTF_8).split(",")) {
        byte[] bytes = read(file, path + SUFFIX);
        define(path.replace('/', '.'), bytes);
      }
    }
  }

  /**
   * Defines one class.
   *
   * @param name with dots
   */
  static Class<?> define(String name, byte[] classFile) {
    Class<?> defined = JdkAccess.get().defineInBootLoader(name, classFile);
    BootClasses.class.getModule().addReads(defined.getModule());
    return defined;
  }

  private static byte[] read(ZipFile file, String path) throws IOException {
    try (InputStream in = file.getInputStream(file.getEntry(FOLDER + path))) {
      return in.readAllBytes();
    }
  }
}
