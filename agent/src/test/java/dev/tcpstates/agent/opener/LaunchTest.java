// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LaunchTest {
  @TempDir Path directory;

  private Path jar(String name, String mainClass) throws IOException {
    return jar(name, mainClass, new Manifest());
  }

  private Path jar(String name, String mainClass, Manifest manifest) throws IOException {
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, mainClass);
    Path jar = directory.toRealPath().resolve(name);
    try (OutputStream out = Files.newOutputStream(jar)) {
      new JarOutputStream(out, manifest).close();
    }
    return jar;
  }

  @Test
  void aMainClassOfTheClassPath() {
    Launch launch = Launch.of("shop.Main a b/c.jar", "lib/a.jar:classes", null, List.of());
    assertEquals(new Launch("shop.Main", null, null, Set.of()), launch);
  }

  @Test
  void aJarInAFolderWithBlanks() throws IOException {
    Path jar = jar("my app.jar", "shop.Main");
    assertEquals(
        new Launch("shop.Main", jar.toString(), null, Set.of()),
        Launch.of(jar + " --port 80", jar.toString(), null, List.of()));
  }

  @Test
  void aJarOfSpringBoot() throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().putValue("Start-Class", "shop.orders.Application");
    Path jar = jar("boot.jar", "org.springframework.boot.loader.launch.JarLauncher", manifest);
    assertEquals(
        "shop.orders.Application",
        Launch.of(jar.toString(), jar.toString(), null, List.of()).mainClass());
  }

  @Test
  void aModule() {
    assertEquals(
        new Launch("shop.Main", null, "shop", Set.of()),
        Launch.of("shop/shop.Main x", "", "shop", List.of()));
  }

  @Test
  void anEmbeddedJvm() {
    assertNull(Launch.of(null, "a.jar", null, List.of()).mainClass());
  }

  @Test
  void otherAgents() {
    assertEquals(
        Set.of("/opt/apm.jar", "/opt/tcpstates.jar"),
        Launch.of(
                "shop.Main",
                "a.jar",
                null,
                List.of("-Xmx1g", "-javaagent:/opt/apm.jar=a=b", "-javaagent:/opt/tcpstates.jar"))
            .agentJars());
  }
}
