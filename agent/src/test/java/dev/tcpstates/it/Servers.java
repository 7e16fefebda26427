// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import dev.tcpstates.it.openers.KafkaBroker;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * PostgreSQL and Redis from the machine's packages and Kafka from its jars, with their data in a
 * folder of the test. The first refuses to run as root.
 */
final class Servers implements AutoCloseable {
  private static final Path POSTGRESQL = Path.of("/usr/lib/postgresql");
  private static final String NOBODY = "65534";

  private final List<ServerProcess> started = new ArrayList<>();
  private final Path directory;

  private Servers(Path directory) {
    this.directory = directory;
  }

  /** Starts all of them. */
  static Servers start(Path directory) throws IOException, InterruptedException {
    Servers servers = new Servers(directory);
    try {
      // The slowest first; they get ready side by side.
      servers.startKafka();
      servers.startRedis();
      servers.startPostgres();
      for (ServerProcess server : servers.started) {
        server.await();
      }
    } catch (IOException | InterruptedException e) {
      servers.close();
      throw e;
    }
    return servers;
  }

  /** The programs that are needed, for {@link KernelTier#requireTools}. */
  static String[] tools() {
    return new String[] {"redis-server", "setpriv", postgres("initdb"), postgres("postgres")};
  }

  /** Of the newest version; Debian does not put it where programs usually are. */
  private static String postgres(String program) {
    Path newest = POSTGRESQL.resolve("none");
    if (Files.isDirectory(POSTGRESQL)) {
      try (DirectoryStream<Path> versions = Files.newDirectoryStream(POSTGRESQL)) {
        for (Path version : versions) {
          newest = version.compareTo(newest) > 0 || newest.endsWith("none") ? version : newest;
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return newest.resolve("bin").resolve(program).toString();
  }

  int kafka() {
    return started.get(0).port();
  }

  int redis() {
    return started.get(1).port();
  }

  int postgres() {
    return started.get(2).port();
  }

  private void startPostgres() throws IOException, InterruptedException {
    Path data = Files.createDirectory(directory.resolve("postgres"));
    List<String> user = List.of();
    if (System.getProperty("user.name").equals("root")) {
      user = List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups");
      Files.setAttribute(data, "unix:uid", Integer.valueOf(NOBODY));
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    List<String> create =
        join(
            user,
            postgres("initdb"),
            "--pgdata=" + data,
            "--username=postgres",
            "--auth=trust",
            "--no-sync");
    Tool.run(create.toArray(String[]::new)).ok();
    int port = freePort();
    start(
        port,
        "postgres.log",
        join(
            user,
            postgres("postgres"),
            "-D",
            data.toString(),
            "-p",
            Integer.toString(port),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            "-c",
            "fsync=off"));
  }

  private void startRedis() throws IOException {
    int port = freePort();
    start(
        port,
        "redis.log",
        List.of(
            "redis-server",
            "--bind",
            "127.0.0.1",
            "--port",
            Integer.toString(port),
            "--save",
            "",
            "--dir",
            directory.toString()));
  }

  private void startKafka() throws IOException {
    int port = freePort();
    String classPath =
        Arrays.stream(Libraries.classPath())
            .map(Path::toString)
            .collect(Collectors.joining(File.pathSeparator));
    start(
        port,
        "kafka.log",
        List.of(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-Xmx256m",
            "-cp",
            classPath,
            KafkaBroker.class.getName(),
            directory.resolve("kafka").toString(),
            Integer.toString(port),
            Integer.toString(freePort())));
  }

  private void start(int port, String log, List<String> command) throws IOException {
    started.add(new ServerProcess(command, port, directory.resolve(log)));
  }

  private static List<String> join(List<String> first, String... rest) {
    List<String> all = new ArrayList<>(first);
    all.addAll(List.of(rest));
    return all;
  }

  /** A port that nothing listens on and that no outgoing connection is given by the kernel. */
  static int freePort() {
    Random random = new Random();
    while (true) {
      int port = 10_000 + random.nextInt(20_000);
      try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return probe.getLocalPort();
      } catch (IOException e) {
        // taken: try another
      }
    }
  }

  @Override
  public void close() {
    started.forEach(ServerProcess::close);
  }
}
