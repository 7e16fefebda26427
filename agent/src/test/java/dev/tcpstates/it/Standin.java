// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import dev.tcpstates.agent.kernel.wire.Layout;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** Processes that speak to the node program as agents do: see {@code standin.pl}. */
final class Standin implements AutoCloseable {
  private static final int MOST_TRIES = 100;

  private final Process process;
  private final BufferedReader out;

  private Standin(Process process) {
    this.process = process;
    this.out = process.inputReader();
  }

  /**
   * Starts it as a user without privileges.
   *
   * @param folder where that user may read
   * @param what what it does, and its arguments
   */
  static Standin start(NodeProgram node, Path folder, int uid, String... what) throws IOException {
    KernelTier.requireTools("perl", "setpriv");
    Path script = folder.resolve("standin.pl");
    if (!Files.exists(script)) {
      Files.copy(Standin.class.getResourceAsStream("standin.pl"), script);
    }
    for (Path file : List.of(folder, folder.getParent(), script)) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    List<String> command =
        new ArrayList<>(
            List.of("setpriv", "--reuid=" + uid, "--regid=" + uid, "--clear-groups", "--"));
    command.addAll(List.of("/usr/bin/perl", script.toString(), node.socket().toString()));
    command.addAll(List.of(what));
    command.add(Integer.toString(Layout.SHARED));
    return new Standin(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /**
   * The same, with a process id that was another process's. The kernel gives the next free one
   * after the last; other processes may be faster.
   */
  static Standin startAs(long pid, NodeProgram node, Path folder, int uid, String... what)
      throws IOException {
    for (int i = 0; i < MOST_TRIES; i++) {
      Files.writeString(Path.of("/proc/sys/kernel/ns_last_pid"), Long.toString(pid - 1));
      Standin standin = start(node, folder, uid, what);
      if (standin.pid() == pid) {
        return standin;
      }
      standin.close();
    }
    throw new AssertionError("no process gets the number " + pid);
  }

  long pid() {
    return process.pid();
  }

  /** The next line of its output. */
  String line() throws IOException {
    return out.readLine();
  }

  /** Has it go on, and returns its next line. */
  String next() throws IOException {
    process.outputWriter().write("\n");
    process.outputWriter().flush();
    return line();
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().onExit().join();
  }
}
