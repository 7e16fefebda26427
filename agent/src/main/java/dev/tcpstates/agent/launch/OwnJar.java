// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.launch;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;

/**
 * Finds the agent's jar. The JVM doesn't say where it took an agent from; the class loader does,
 * but class loaders of applications and the boot loader may keep it to themselves.
 */
final class OwnJar {
  private static final String CLASS =
      TcpStatesAgent.class.getName().replace('.', '/').concat(".class");
  private static final String OPTION = "-javaagent:";

  private OwnJar() {}

  /**
   * Returns the jar.
   *
   * @throws FileNotFoundException if nothing names it
   */
  static Path find() throws FileNotFoundException {
    CodeSource source = TcpStatesAgent.class.getProtectionDomain().getCodeSource();
    ClassLoader loader = TcpStatesAgent.class.getClassLoader();
    List<URL> urls = new ArrayList<>();
    urls.add(source == null ? null : source.getLocation());
    urls.add(loader == null ? ClassLoader.getSystemResource(CLASS) : loader.getResource(CLASS));
    for (URL url : urls) {
      Path file = file(url);
      if (file != null && Files.isRegularFile(file)) {
        return file;
      }
    }
    for (Path file : options()) {
      if (isOurs(file)) {
        return file;
      }
    }
    throw new FileNotFoundException(
        "the agent's class loader, " + loader + ", does not say where the agent's jar is");
  }

  /** The file of a URL such as {@code jar:file:/lib/agent.jar!/}, or {@code null}. */
  static Path file(URL url) {
    try {
      String text = url.toString();
      if (text.startsWith("jar:")) {
        text = text.substring("jar:".length(), text.lastIndexOf("!/"));
      }
      return Path.of(URI.create(text));
    } catch (RuntimeException e) {
      return null; // of another kind, or none
    }
  }

  /** What may be the files of this JVM's {@code -javaagent} options. */
  private static List<Path> options() {
    List<Path> files = new ArrayList<>();
    try {
      for (String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
        if (argument.startsWith(OPTION)) {
          String file = argument.substring(OPTION.length());
          int options = file.indexOf('=');
          files.add(Path.of(options < 0 ? file : file.substring(0, options)));
        }
      }
    } catch (RuntimeException | LinkageError e) {
      // This JVM has no such module, or the application's policy forbids it.
    }
    return files;
  }

  private static boolean isOurs(Path file) {
    try (JarFile jar = new JarFile(file.toFile())) {
      return jar.getEntry(CLASS) != null;
    } catch (IOException e) {
      return false;
    }
  }
}
