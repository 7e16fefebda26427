// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.live;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * Restores the followed JVM if this process is killed: a shell that waits for its input to end. The
 * signals that end this process on the terminal don't end the shell.
 */
final class CleanUpShell implements AutoCloseable {
  private static final String DONE = "done";

  /**
   * The arguments: jcmd, process id, recording, java, the agent's jar or nothing, others' names, a
   * folder or nothing.
   */
  private static final String SCRIPT =
      """
      trap '' INT HUP TERM QUIT
      read -r word
      [ "$word" = %s ] && exit
      "$1" "$2" JFR.stop name="$3"
      [ -n "$7" ] && rm -rf -- "$7"
      [ -n "$5" ] || exit
      case $("$1" "$2" JFR.check) in
        *name="$6"*) ;;
        *) "$4" -jar "$5" detach "$2" ;;
      esac
      """
          .formatted(DONE);

  private final OutputStream input;

  private CleanUpShell(OutputStream input) {
    this.input = input;
  }

  /**
   * Starts the shell.
   *
   * @param recording the recording to stop
   * @param jar the agent's jar if the agent is to be detached, else null
   * @param others how the names of recordings begin while which the agent stays attached
   * @param folder the folder to delete; null if there is none
   * @return null if there is no shell: then a killed command leaves the recording behind
   */
  static CleanUpShell start(
      Path jcmd, long pid, String recording, Path jar, String others, Path folder) {
    List<String> command =
        List.of(
            "/bin/sh",
            "-c",
            SCRIPT,
            "sh",
            jcmd.toString(),
            Long.toString(pid),
            recording,
            jcmd.resolveSibling("java").toString(),
            jar == null ? "" : jar.toString(),
            others,
            folder == null ? "" : folder.toString());
    try {
      Process shell =
          new ProcessBuilder(command)
              .redirectOutput(Redirect.DISCARD)
              .redirectError(Redirect.DISCARD)
              .start();
      return new CleanUpShell(shell.getOutputStream());
    } catch (IOException e) {
      return null;
    }
  }

  /** Ends the shell, which then does nothing. */
  @Override
  public void close() {
    try (input) {
      input.write((DONE + "\n").getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      // It has been killed.
    }
  }
}
