// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URL;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.logging.LogManager;
import java.util.stream.Stream;

/**
 * Prints what an application can see of its JVM. First it makes the settings that count only as
 * long as nobody has used what they are for.
 */
public final class PrintView {
  private PrintView() {}

  /** The application's own. */
  public static final class OwnLogManager extends LogManager {}

  public static void main(String[] args) throws Exception {
    new TreeMap<>(System.getProperties())
        .forEach((key, value) -> System.out.println("property " + key + "=" + value));
    new TreeMap<>(System.getenv())
        .forEach((key, value) -> System.out.println("variable " + key + "=" + value));

    lateSettings();
    threads();
    for (String name : args) {
      visible(name);
    }
    modules();
    files();
    System.out.println("handler " + Thread.getDefaultUncaughtExceptionHandler());
    System.out.println("loader " + loaders(PrintView.class.getClassLoader()));
    System.out.println("context " + loaders(Thread.currentThread().getContextClassLoader()));
    System.out.println("thread " + Thread.currentThread());
    System.out.println("stack " + List.of(new Throwable().getStackTrace()));
    System.out.println("end");
  }

  private static void lateSettings() throws IOException {
    System.setProperty("java.util.logging.manager", OwnLogManager.class.getName());
    System.out.println("log manager " + LogManager.getLogManager().getClass());
    System.setProperty("java.net.preferIPv4Stack", "true");
    try (ServerSocket socket = new ServerSocket(0)) {
      String port = String.format(":%04X ", socket.getLocalPort());
      System.out.println(
          "IPv4 " + Files.lines(Path.of("/proc/self/net/tcp")).anyMatch(l -> l.contains(port)));
    }
    System.setProperty("java.nio.channels.spi.SelectorProvider", "an.application.s.Own");
    try {
      System.out.println("selector " + SelectorProvider.provider());
    } catch (Error e) {
      System.out.println("selector " + e + ": " + e.getCause());
    }
  }

  /** Those that keep a JVM alive. */
  private static void threads() {
    Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !thread.isDaemon())
        .map(Thread::getName)
        .sorted()
        .forEach(name -> System.out.println("thread " + name));
  }

  private static void visible(String name) throws IOException {
    String resource = name.replace('.', '/') + ".class";
    ClassLoader loader = PrintView.class.getClassLoader();
    try {
      System.out.println("class " + Class.forName(name));
    } catch (ClassNotFoundException e) {
      System.out.println("no class " + name);
    }
    for (String data : List.of(resource, resource + "data")) {
      List<URL> all = Collections.list(loader.getResources(data));
      System.out.println("resource " + data + " " + loader.getResource(data) + " " + all);
    }
  }

  private static void modules() {
    System.out.println(
        "modules " + ModuleLayer.boot().modules().stream().map(Module::getName).sorted().toList());
    System.out.println("native access " + nativeAccess());
    Module base = Object.class.getModule();
    Module ours = PrintView.class.getModule();
    base.getPackages().stream()
        .sorted()
        .forEach(
            name -> {
              if (base.isExported(name, ours)) {
                System.out.println("exported " + name + ", open " + base.isOpen(name, ours));
              }
            });
  }

  private static String nativeAccess() {
    try {
      return Module.class
          .getMethod("isNativeAccessEnabled")
          .invoke(PrintView.class.getModule())
          .toString();
    } catch (ReflectiveOperationException e) {
      return "not known to this JDK";
    }
  }

  private static void files() throws IOException {
    for (String key : List.of("java.io.tmpdir", "user.home")) {
      try (Stream<Path> files = Files.walk(Path.of(System.getProperty(key)))) {
        System.out.println("files in " + key + " " + files.toList());
      }
    }
  }

  private static String loaders(ClassLoader loader) {
    StringBuilder text = new StringBuilder();
    for (ClassLoader l = loader; l != null; l = l.getParent()) {
      text.append(l.getClass().getName()).append(' ');
    }
    return text.toString();
  }
}
