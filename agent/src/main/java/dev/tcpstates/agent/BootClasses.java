// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarFile;

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
  static void open(Instrumentation instrumentation) throws ReflectiveOperationException {
    Module self = BootClasses.class.getModule();
    Set<Module> toSelf = Set.of(self);
    instrumentation.redefineModule(
        Object.class.getModule(),
        Set.of(),
        Map.of(ACCESS, toSelf, "jdk.internal.misc", toSelf, "jdk.internal.vm", toSelf),
        Map.of("java.io", toSelf, "java.lang", toSelf, "java.net", toSelf),
        Set.of(),
        Map.of());
    // JDK 24 and later warn of a module that loads a native library without this.
    Method grant = Module.class.getDeclaredMethod("implAddEnableNativeAccess");
    grant.setAccessible(true);
    grant.invoke(self);
  }

  /**
   * Defines all classes of the jar's {@code boot/} folder.
   *
   * @throws LinkageError if one of them can't be defined, for want of jdk.jfr for example
   */
  static void define(Path jar) throws IOException, ReflectiveOperationException {
    Class<?> secrets = Class.forName(ACCESS + ".SharedSecrets");
    Object access = secrets.getMethod("getJavaLangAccess").invoke(null);
    Method define =
        Class.forName(ACCESS + ".JavaLangAccess")
            .getMethod(
                "defineClass",
                ClassLoader.class,
                String.class,
                byte[].class,
                ProtectionDomain.class,
                String.class);
    Map<String, byte[]> classes = new LinkedHashMap<>();
    try (JarFile file = new JarFile(jar.toFile())) {
      // Which they are, the build has written down.
      for (String path : new String(read(file, "classes"), StandardCharsets.UTF_8).split(",")) {
        classes.put(path.replace('/', '.'), read(file, path + SUFFIX));
      }
      while (!classes.isEmpty()) {
        defineSome(classes, (name, bytes) -> define.invoke(access, null, name, bytes, null, null));
      }
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e;
    }
  }

  /** Defines a class from its bytes. */
  private interface Definer {
    Object define(String name, byte[] bytes) throws ReflectiveOperationException;
  }

  /** Defines those whose superclass is there already, and takes them out. */
  private static void defineSome(Map<String, byte[]> classes, Definer definer)
      throws ReflectiveOperationException {
    int before = classes.size();
    InvocationTargetException missing = null;
    for (Map.Entry<String, byte[]> one : List.copyOf(classes.entrySet())) {
      try {
        Class<?> defined = (Class<?>) definer.define(one.getKey(), one.getValue());
        BootClasses.class.getModule().addReads(defined.getModule());
        classes.remove(one.getKey());
      } catch (InvocationTargetException e) {
        if (!(e.getCause() instanceof NoClassDefFoundError)) {
          throw e;
        }
        missing = e;
      }
    }
    if (missing != null && classes.size() == before) {
      throw missing;
    }
  }

  private static byte[] read(JarFile file, String path) throws IOException {
    try (InputStream in = file.getInputStream(file.getJarEntry(FOLDER + path))) {
      return in.readAllBytes();
    }
  }
}
