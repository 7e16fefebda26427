// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.openers.HiddenHooks;
import dev.tcpstates.it.openers.InOsgi;
import dev.tcpstates.it.openers.NettyTwice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;

/** The hooks in Netty's native transports; that they are there at all, the matrix shows. */
@NeedsBpf
class NettyIT {
  @TempDir private Path directory;

  @OnEachJdk
  void anAgentThatComesLaterFindsTheLoadedClasses(Jdk jdk) throws Exception {
    AgentJvm jvm =
        new AgentJvm(jdk, directory).withoutAgent().classPath(Libraries.classPath()).record();
    try (AgentJvm.Running running = jvm.start(NettyTwice.class)) {
      running.awaitLine("once");
      Tool.agent(jdk, "attach", Long.toString(running.process().pid())).ok();
      running.send("");
      MatrixRows rows = MatrixRows.single("Netty", running.await().ok().recording());
      Map<String, Integer> kinds = new TreeMap<>();
      for (MatrixRows.Socket socket : rows.rows().get(0).sockets()) {
        kinds.merge(socket.kind(), 1, Integer::sum);
      }
      assertEquals(Map.of("ACCEPT", 2, "CONNECT", 2, "LISTEN", 1), kinds, rows.table());
    }
  }

  @OnEachJdk
  void aClassLoaderThatHidesTheHooks(Jdk jdk) throws Exception {
    AgentJvm.Result result =
        new AgentJvm(jdk, directory)
            .classPath(Libraries.classPath())
            .record()
            .run(HiddenHooks.class, "Netty, epoll")
            .ok();
    MatrixRows rows = MatrixRows.read(result.recording());
    assertNull(rows.rows().get(0).failure());
    assertNull(rows.rows().get(0).unavailable());
    assertOpeners(Map.of("ACCEPT", 2, "CONNECT", 2, "LISTEN", 1), rows);
  }

  @OnEachJdk
  void inJBossModules(Jdk jdk) throws Exception {
    Assumptions.assumeTrue(jdk.feature() < 24, "JBoss Modules sets a java.security.Policy");
    Path module = Files.createDirectories(directory.resolve("modules/app/main"));
    Files.copy(bundle(), module.resolve("bundle.jar"));
    StringBuilder resources = new StringBuilder("<resource-root path='bundle.jar'/>");
    for (Path library : netty()) {
      String name = library.getFileName().toString();
      Files.copy(library, module.resolve(name));
      resources.append("<resource-root path='").append(name).append("'/>");
    }
    Files.writeString(
        module.resolve("module.xml"),
        "<module xmlns='urn:jboss:module:1.9' name='app'><main-class name='"
            + NettyTwice.class.getName()
            + "'/><resources>"
            + resources
            + "</resources><dependencies><module name='java.se'/><module name='jdk.unsupported'/>"
            + "</dependencies></module>");
    assertTwice(
        new AgentJvm(jdk, directory).classPath(Libraries.classPath()),
        org.jboss.modules.Main.class,
        "-mp",
        directory.resolve("modules").toString(),
        "app");
  }

  @OnEachJdk
  void inOsgi(Jdk jdk) throws Exception {
    assertTwice(
        new AgentJvm(jdk, directory).classPath(Libraries.classPath()),
        InOsgi.class,
        bundle().toString(),
        directory.resolve("felix").toString(),
        NettyTwice.class.getName());
  }

  /** A bundle with Netty in it. */
  private Path bundle() throws IOException {
    Path file = directory.resolve("bundle.jar");
    List<Path> libraries = netty();
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.putValue("Bundle-ManifestVersion", "2");
    attributes.putValue("Bundle-SymbolicName", "app");
    attributes.putValue(
        "Bundle-ClassPath",
        libraries.stream()
            .map(library -> library.getFileName().toString())
            .collect(Collectors.joining(",", ".,", "")));
    attributes.putValue("DynamicImport-Package", "*");
    Path classes = Path.of("target/test-classes").toAbsolutePath();
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(file), manifest);
        Stream<Path> openers = Files.list(classes.resolve("dev/tcpstates/it/openers"))) {
      for (Path library : libraries) {
        add(out, library.getFileName().toString(), library);
      }
      for (Path opener : openers.toList()) {
        add(out, classes.relativize(opener).toString(), opener);
      }
    }
    return file;
  }

  private static List<Path> netty() {
    return Stream.of(Libraries.classPath())
        .filter(entry -> entry.getFileName().toString().startsWith("netty-"))
        .toList();
  }

  private static void add(JarOutputStream out, String name, Path content) throws IOException {
    out.putNextEntry(new JarEntry(name));
    Files.copy(content, out);
  }

  /** Runs {@link NettyTwice} by another main class. */
  private static void assertTwice(AgentJvm jvm, Class<?> main, String... arguments)
      throws Exception {
    try (AgentJvm.Running running = jvm.record().start(main, arguments)) {
      running.awaitLine("once");
      running.send("");
      assertOpeners(
          Map.of("ACCEPT", 4, "CONNECT", 4, "LISTEN", 2),
          MatrixRows.single("Netty", running.await().ok().recording()));
    }
  }

  private static void assertOpeners(Map<String, Integer> expected, MatrixRows rows) {
    Map<String, Integer> kinds = new TreeMap<>();
    for (MatrixRows.Socket socket : rows.rows().get(0).sockets()) {
      kinds.merge(socket.kind(), 1, Integer::sum);
      assertTrue(socket.timeline().openedBy().contains("NettyTransports.exchange"), rows.table());
    }
    assertEquals(expected, kinds, rows.table());
  }
}
