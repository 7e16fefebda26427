// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.io.IOException;
import java.nio.file.Path;

/** What the matrix of openers needs around it: servers, keys and settings of the JVM. */
final class MatrixJvm implements AutoCloseable {
  private static final String PASSWORD = "changeit";

  private final Servers servers;
  private final Path keys;

  private MatrixJvm(Servers servers, Path keys) {
    this.servers = servers;
    this.keys = keys;
  }

  /**
   * Starts the servers.
   *
   * @param directory where their data goes
   */
  static MatrixJvm start(Path directory) throws IOException, InterruptedException {
    KernelTier.requireTools(Servers.tools());
    Path keys = directory.resolve("keys.p12");
    Tool.run(
            Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
            "-genkeypair",
            "-alias",
            "server",
            "-keyalg",
            "EC",
            "-dname",
            "CN=localhost",
            "-storetype",
            "PKCS12",
            "-storepass",
            PASSWORD,
            "-keystore",
            keys.toString())
        .ok();
    return new MatrixJvm(Servers.start(directory), keys);
  }

  /** A JVM that can run the matrix, and records it. */
  AgentJvm on(Jdk jdk, Path directory) {
    return new AgentJvm(jdk, directory)
        .classPath(Libraries.classPath())
        .jvm(
            "-Dit.keystore=" + keys,
            "-Dit.postgres=" + servers.postgres(),
            "-Dit.redis=" + servers.redis(),
            "-Dit.kafka=" + servers.kafka(),
            "-Dit.rmi=" + Servers.freePort(),
            "-Dit.jmx=" + Servers.freePort(),
            "-Djava.rmi.server.hostname=127.0.0.1",
            // Idle connections end soon, so that their row sees it.
            "-Dsun.rmi.transport.connectionTimeout=100",
            "-Djdk.httpclient.keepalive.timeout=1")
        .record();
  }

  @Override
  public void close() {
    servers.close();
  }
}
