// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;

/**
 * What the JVM was started with.
 *
 * @param mainClass its main class, in a jar of Spring Boot the application's; {@code null} if
 *     unknown
 * @param mainJar canonical path of the jar that {@code -jar} names; {@code null} without it
 * @param mainModule the module of the main class; {@code null} for the class path
 * @param agentJars canonical paths of the jars of {@code -javaagent} options
 */
public record Launch(String mainClass, String mainJar, String mainModule, Set<String> agentJars) {
  static final Launch UNKNOWN = new Launch(null, null, null, Set.of());

  private static final String AGENT = "-javaagent:";

  /** In jars of Spring Boot, {@code Main-Class} is Spring Boot's launcher. */
  private static final String STARTED_BY_LAUNCHER = "Start-Class";

  public Launch {
    agentJars = Set.copyOf(agentJars);
  }

  /** Reads it from this JVM. Never throws. */
  public static Launch ofThisJvm() {
    try {
      return of(
          saved("sun.java.command"), saved("java.class.path"), saved("jdk.module.main"), options());
    } catch (RuntimeException e) {
      return UNKNOWN;
    }
  }

  /**
   * Interprets what the launcher has written down.
   *
   * @param command main class, {@code module/class} or jar, and the program's arguments
   * @param classPath as the JVM was started with; after {@code -jar}, that jar
   * @param module the module of the main class
   * @param options the JVM's options
   */
  static Launch of(String command, String classPath, String module, List<String> options) {
    Set<String> agents = new HashSet<>();
    for (String option : options) {
      if (option.startsWith(AGENT)) {
        agents.add(canonical(option.substring(AGENT.length()).split("=", 2)[0]));
      }
    }
    if (command == null || command.isBlank()) {
      return new Launch(null, null, module, agents);
    }
    // A path may contain blanks, and nothing separates it from the arguments.
    boolean jar =
        classPath != null
            && !classPath.isEmpty()
            && (command.equals(classPath) || command.startsWith(classPath + " "))
            && new File(classPath).isFile();
    if (jar) {
      return new Launch(mainClass(classPath), canonical(classPath), module, agents);
    }
    String main = command.split(" ", 2)[0];
    return new Launch(main.substring(main.indexOf('/') + 1), null, module, agents);
  }

  private static String mainClass(String jar) {
    try (JarFile file = new JarFile(jar)) {
      Attributes attributes = file.getManifest().getMainAttributes();
      String started = attributes.getValue(STARTED_BY_LAUNCHER);
      return started != null ? started : attributes.getValue(Attributes.Name.MAIN_CLASS);
    } catch (IOException | RuntimeException e) {
      return null;
    }
  }

  /** As the class path's URLs have it. */
  private static String canonical(String path) {
    try {
      return new File(path).getCanonicalPath();
    } catch (IOException e) {
      return path;
    }
  }

  /** A system property as the JVM was started with: the application may have changed it since. */
  private static String saved(String property) {
    try {
      return (String) vm("getSavedProperty", String.class).invoke(null, property);
    } catch (ReflectiveOperationException | RuntimeException e) {
      return System.getProperty(property);
    }
  }

  private static List<String> options() {
    try {
      return new ArrayList<>(List.of((String[]) vm("getRuntimeArguments").invoke(null)));
    } catch (ReflectiveOperationException | RuntimeException e) {
      return List.of();
    }
  }

  private static Method vm(String name, Class<?>... parameters)
      throws ReflectiveOperationException {
    return Class.forName("jdk.internal.misc.VM").getMethod(name, parameters);
  }
}
