// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.live;

import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs jcmd as a process, because the JDK has no other way that needs no port. */
final class Jcmd {
  private static final int SECONDS = 60;

  private Jcmd() {}

  static Path path() {
    return Path.of(System.getProperty("java.home"), "bin", "jcmd");
  }

  /**
   * Checks that it is there.
   *
   * @throws CommandException if it is not
   */
  static void require() {
    if (!Files.isExecutable(path())) {
      throw new CommandException(Exit.FAILED, "there is no " + path() + "; use a JDK's java");
    }
  }

  /**
   * Returns what it prints.
   *
   * @throws CommandException if it can't be run, or the JVM does not answer
   */
  static String run(long pid, List<String> words) {
    return run(path(), pid, words, SECONDS);
  }

  /**
   * Does the same with another program.
   *
   * @param seconds how long to wait: a JVM that is stopped never answers
   */
  static String run(Path jcmd, long pid, List<String> words, int seconds) {
    List<String> command = new ArrayList<>(List.of(jcmd.toString(), Long.toString(pid)));
    command.addAll(words);
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      CompletableFuture<Process> end = process.onExit().orTimeout(seconds, TimeUnit.SECONDS);
      end.exceptionally(timeout -> process.destroyForcibly());
      String answer = new String(process.getInputStream().readAllBytes());
      process.waitFor();
      if (end.isCompletedExceptionally()) {
        throw new CommandException(
            Exit.FAILED,
            "process " + pid + " did not answer within " + seconds + " s; is it stopped?");
      }
      return answer;
    } catch (IOException e) {
      throw new CommandException(
          Exit.FAILED, "can't run " + jcmd + ": " + e.getMessage() + "; use a JDK's java");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
