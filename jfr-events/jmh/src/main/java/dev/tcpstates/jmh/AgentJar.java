// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmh;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;

/** The agent's jar, which is inside this one, as a file for {@code -javaagent}. */
final class AgentJar {
  private static final String NAME = "tcpstates-agent.jar";

  private AgentJar() {}

  /** Whether these arguments of a JVM start the agent. */
  static boolean isIn(Collection<String> arguments) {
    return arguments.stream()
        .anyMatch(
            argument -> argument.startsWith("-javaagent:") && argument.contains("tcpstates-agent"));
  }

  /** Copies it to a temporary file, which is deleted when this JVM ends. */
  static Path unpack() {
    try (InputStream jar = AgentJar.class.getResourceAsStream(NAME)) {
      if (jar == null) {
        throw new IllegalStateException(
            "this build of tcpstates-jmh has no " + NAME + " in it; use -prof tcpstates:agent=...");
      }
      Path file = Files.createTempFile("tcpstates-agent", ".jar");
      file.toFile().deleteOnExit();
      Files.copy(jar, file, StandardCopyOption.REPLACE_EXISTING);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException("can't unpack " + NAME, e);
    }
  }
}
