// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.libbpf.LibBpf.CallFailed;
import dev.tcpstates.agent.kernel.node.NodeProtocol;
import dev.tcpstates.agent.kernel.node.UnixSocket;
import dev.tcpstates.agent.kernel.session.NodePrograms;
import dev.tcpstates.agent.kernel.session.PinFolders;
import dev.tcpstates.agent.metrics.http.EndpointAddress;
import dev.tcpstates.agent.metrics.http.MetricsEndpoint;
import dev.tcpstates.agent.node.LeastPrivilege;
import dev.tcpstates.agent.node.MetricsCollector;
import dev.tcpstates.agent.node.NodeLimits;
import dev.tcpstates.agent.node.NodeServer;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Serves all JVMs of the machine, so that they need no privilege. */
@Command(
    name = "node",
    description = {
      "Loads one set of BPF programs for all JVMs of this machine. The agents in the JVMs then need"
          + " no privilege, no libbpf and no BTF.",
      "",
      "It runs in the foreground. Of its privileges it keeps only CAP_BPF and CAP_PERFMON. The"
          + " programs are pinned in a BPF file system: when the node program ends, registered JVMs"
          + " continue to record, and after a restart it uses the pinned programs."
    },
    footer = {
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar node",
      "  java -jar tcpstates-agent.jar node --socket /run/tcpstates/node.sock --max-jvms 100",
      "  java -jar tcpstates-agent.jar node --metrics 127.0.0.1:9464",
      "  java -jar tcpstates-agent.jar node --uninstall    removes the programs"
    })
final class NodeCommand extends BaseCommand {
  @Option(
      names = "--socket",
      paramLabel = "<path>",
      description = "unix socket at which JVMs register (default: /run/tcpstates/node.sock)")
  private Path socket = NodeProtocol.SOCKET;

  @Option(
      names = "--pins",
      paramLabel = "<folder>",
      description = "folder in a BPF file system for the pins (default: /sys/fs/bpf/tcpstates)")
  private Path pins = PinFolders.DEFAULT;

  @Option(
      names = "--max-jvms",
      paramLabel = "<n>",
      description = "at most so many JVMs at a time, 1 to 4096 (default: 256)")
  private int maxJvms = 256;

  @Option(
      names = "--max-jvms-per-user",
      paramLabel = "<n>",
      description = "at most so many JVMs of one user id at a time, 1 to 4096 (default: 128)")
  private int maxJvmsPerUser = 128;

  @Option(
      names = "--max-ring",
      paramLabel = "<MB>",
      description = "largest ring of a JVM, in MB, 1 to 512 (default: 16)")
  private int maxRing = 16;

  @Option(
      names = "--max-memory",
      paramLabel = "<MB>",
      description = "memory of the rings and counters of all JVMs, at most, in MB (default: 1024)")
  private int maxMemory = 1024;

  @Option(
      names = "--max-memory-per-user",
      paramLabel = "<MB>",
      description = "the same of the JVMs of one user id (default: 512)")
  private int maxMemoryPerUser = 512;

  @Option(
      names = "--metrics",
      paramLabel = "<address>",
      description =
          "serve the metrics of all registered JVMs to Prometheus there: "
              + EndpointAddress.VALID
              + " (default: nowhere)")
  private String metrics;

  @Option(
      names = "--uninstall",
      description = "remove the pins: JVMs that are registered record no more transitions")
  private boolean uninstall;

  @Override
  public Integer call() throws Exception {
    require("--max-jvms", maxJvms, 4096);
    require("--max-jvms-per-user", maxJvmsPerUser, 4096);
    require("--max-ring", maxRing, 512);
    require("--max-memory", maxMemory, Integer.MAX_VALUE);
    require("--max-memory-per-user", maxMemoryPerUser, Integer.MAX_VALUE);
    EndpointAddress endpoint = endpoint();
    if (uninstall) {
      return removePins();
    }
    try {
      LeastPrivilege.ensure();
      String missing = LeastPrivilege.missing();
      if (missing != null) {
        throw new CommandException(
            Exit.FAILED,
            "the node program lacks " + missing + "; run it as root, or see doctor --node");
      }
      serve(endpoint);
    } catch (FileSystemException e) {
      // Its message is only the path.
      throw new CommandException(Exit.FAILED, "can't serve at " + socket + ": " + e);
    } catch (BpfException | IOException e) {
      throw new CommandException(Exit.FAILED, e.getMessage());
    }
    return Exit.OK;
  }

  private void require(String option, int value, int most) {
    if (value < 1 || value > most) {
      throw wrongUsage(option + "=" + value + " is not valid; it is 1 to " + most);
    }
  }

  private Integer removePins() {
    try {
      System.out.println(NodePrograms.uninstall(pins) ? "removed " + pins : "there is no " + pins);
      return Exit.OK;
    } catch (BpfException e) {
      throw new CommandException(Exit.FAILED, e.getMessage());
    } catch (IOException e) {
      throw new CommandException(Exit.FAILED, pins + " can't be removed (" + e + ")");
    }
  }

  private void serve(EndpointAddress endpoint) throws BpfException, IOException {
    try (FileChannel channel = lockFile();
        FileLock lock = channel.tryLock()) {
      if (lock == null) {
        throw new CommandException(Exit.FAILED, "another node program serves " + socket);
      }
      try (NodePrograms programs = NodePrograms.open(pins);
          UnixSocket listener = listen()) {
        NodeLimits limits =
            new NodeLimits(
                maxJvms,
                maxJvmsPerUser,
                maxRing << 20,
                (long) maxMemory << 20,
                (long) maxMemoryPerUser << 20);
        NodeServer server =
            new NodeServer(programs, limits, listener, endpoint != null, NodeCommand::log);
        if (endpoint != null) {
          serveMetrics(endpoint, server);
        }
        log(
            "listening at "
                + socket
                + "; programs "
                + (programs.found() ? "found" : "loaded")
                + ", JVMs: "
                + server.jvms());
        programs.lacks().forEach(gap -> log("missing: " + gap));
        server.run();
      } catch (CallFailed e) {
        throw new IOException(e.brief());
      }
    }
  }

  private EndpointAddress endpoint() {
    try {
      return metrics == null ? null : EndpointAddress.parse(metrics);
    } catch (IllegalArgumentException e) {
      throw wrongUsage("--metrics=" + metrics + " is not valid; it is " + EndpointAddress.VALID);
    }
  }

  /** On a thread of its own: JVMs that register do not wait for a scrape. */
  private static void serveMetrics(EndpointAddress address, NodeServer server) {
    MetricsEndpoint endpoint = new MetricsEndpoint(address, new MetricsCollector(server));
    Thread thread = new Thread(endpoint, "metrics");
    thread.setDaemon(true);
    thread.start();
    Runtime.getRuntime().addShutdownHook(new Thread(endpoint::close));
    try {
      endpoint.awaitReady();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private FileChannel lockFile() {
    Path folder = socket.toAbsolutePath().getParent();
    try {
      Files.createDirectories(folder);
      return FileChannel.open(
          folder.resolve(socket.getFileName() + ".lock"),
          StandardOpenOption.CREATE,
          StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw noSocket(e);
    }
  }

  private CommandException noSocket(IOException e) {
    return new CommandException(
        Exit.FAILED,
        "the socket "
            + socket
            + " can't be made ("
            + e
            + "); run the node program as the owner of the folder, or give another path with"
            + " --socket");
  }

  private UnixSocket bound() {
    try {
      Files.deleteIfExists(socket);
      UnixSocket listener = UnixSocket.listen(socket);
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
      return listener;
    } catch (IOException e) {
      throw noSocket(e);
    }
  }

  /** The socket goes with this process, so that agents do not try it in vain. */
  private UnixSocket listen() {
    UnixSocket listener = bound();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  try {
                    Files.deleteIfExists(socket);
                  } catch (IOException e) {
                    // It remains, and refuses connections.
                  }
                }));
    return listener;
  }

  private static void log(String line) {
    System.out.println(line);
  }
}
