// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.URI;
import java.nio.file.Path;
import java.security.AccessController;
import java.security.CodeSource;
import java.security.PrivilegedAction;
import java.security.ProtectionDomain;
import java.util.regex.Pattern;

/**
 * Decides by its code source where a class comes from. Loads no class of the application, runs no
 * code of it, and keeps none alive. Thread-safe.
 */
final class CodeOrigins {
  /** Of jars and wars that hold their dependencies as jars, the application's own code. */
  private static final String[] OWN_CLASSES = {"BOOT-INF/classes", "WEB-INF/classes"};

  /** Other files are made up, for scripts for instance. */
  private static final Pattern ARCHIVE = Pattern.compile("(?i)\\.[jwe]ar$|\\.zip$");

  private static final MethodHandle FIND_LOADED = findLoaded();

  private final Launch launch;

  /** Path of the jar of the main class, once that is loaded. */
  private volatile String mainJar;

  CodeOrigins(Launch launch) {
    this.launch = launch;
    this.mainJar = launch.mainJar();
  }

  private static MethodHandle findLoaded() {
    try {
      return MethodHandles.privateLookupIn(ClassLoader.class, MethodHandles.lookup())
          .findVirtual(
              ClassLoader.class,
              "findLoadedClass",
              MethodType.methodType(Class.class, String.class));
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }

  Launch launch() {
    return launch;
  }

  /** Never throws. */
  Origin of(Class<?> type) {
    try {
      return decide(type);
    } catch (SecurityException e) {
      return withOwnPermissions(type);
    } catch (RuntimeException | LinkageError e) {
      return Origin.UNKNOWN;
    }
  }

  /** A security manager asks for the permissions of the whole stack, the application's too. */
  @SuppressWarnings("removal")
  private Origin withOwnPermissions(Class<?> type) {
    try {
      return AccessController.doPrivileged((PrivilegedAction<Origin>) () -> decide(type));
    } catch (RuntimeException | LinkageError e) {
      return Origin.UNKNOWN;
    }
  }

  private Origin decide(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    if (loader == null || loader == ClassLoader.getPlatformClassLoader()) {
      return Origin.PLATFORM;
    }
    if (launch.mainModule() != null && launch.mainModule().equals(type.getModule().getName())) {
      return Origin.APPLICATION;
    }
    String location = location(type);
    if (location == null) {
      return Origin.UNKNOWN;
    }
    for (String own : OWN_CLASSES) {
      if (location.contains(own)) {
        return Origin.APPLICATION;
      }
    }
    if (!location.startsWith("file:")) {
      return isNested(location) ? dependency() : Origin.UNKNOWN;
    }
    if (location.endsWith("/")) {
      return Origin.APPLICATION;
    }
    String path = Path.of(URI.create(location)).toString();
    if (launch.agentJars().contains(path)) {
      return Origin.AGENT;
    }
    if (path.equals(mainJar())) {
      return Origin.MAIN_JAR;
    }
    return ARCHIVE.matcher(path).find() ? dependency() : Origin.UNKNOWN;
  }

  /** A jar in a jar, or a module of the run-time image. */
  private static boolean isNested(String location) {
    return location.startsWith("jar:") || location.startsWith("jrt:");
  }

  /** Where the main class is unknown, any jar may be the application's. */
  private Origin dependency() {
    return launch.mainClass() == null ? Origin.UNKNOWN : Origin.DEPENDENCY;
  }

  private String mainJar() {
    String known = mainJar;
    if (known == null && launch.mainClass() != null && FIND_LOADED != null) {
      try {
        Class<?> main =
            (Class<?>)
                FIND_LOADED.invokeExact(ClassLoader.getSystemClassLoader(), launch.mainClass());
        String location = main == null ? null : location(main);
        if (location != null && location.startsWith("file:")) {
          known = Path.of(URI.create(location)).toString();
          mainJar = known;
        }
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }
    return known;
  }

  private static String location(Class<?> type) {
    ProtectionDomain domain = type.getProtectionDomain();
    CodeSource source = domain == null ? null : domain.getCodeSource();
    return source == null || source.getLocation() == null ? null : source.getLocation().toString();
  }
}
