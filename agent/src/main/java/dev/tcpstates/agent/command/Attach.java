// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.command;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import dev.tcpstates.agent.AgentStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Loads the agent into another JVM, and tells what came of it. */
final class Attach {
  private static final String CAUGHT = "SigCgt:";
  private static final long SIGQUIT = 1 << 3 - 1;

  private Attach() {}

  /**
   * Hands options to the agent in a running JVM.
   *
   * @param attaching whether the agent is to record afterwards, or not to
   * @return {@link Exit#OK}, or {@link Exit#FAILED} if it could not be done; the user has been told
   */
  static int load(Path jar, String pid, String options, boolean attaching) {
    if (ModuleLayer.boot().findModule("jdk.attach").isEmpty()) {
      System.err.println("this Java lacks the module jdk.attach; use a JDK's java");
      return Exit.FAILED;
    }
    String problem = problem(Path.of("/proc", pid));
    if (problem != null) {
      System.err.println("can't attach to process " + pid + ": " + problem);
      return Exit.FAILED;
    }
    String status;
    try {
      VirtualMachine jvm = VirtualMachine.attach(pid);
      try {
        if (attaching && status(jvm).equals(AgentStatus.ATTACHED)) {
          System.out.println(
              "already attached to process "
                  + pid
                  + ", nothing changed; to change the options, detach first");
          return Exit.OK;
        }
        jvm.loadAgent(jar.toString(), options);
        status = status(jvm);
      } finally {
        jvm.detach();
      }
    } catch (AttachNotSupportedException | IOException e) {
      System.err.println(
          "can't attach to process "
              + pid
              + ": "
              + e.getMessage()
              + "; is it a JVM, and of this user?");
      return Exit.FAILED;
    } catch (AgentLoadException | AgentInitializationException e) {
      System.err.println(
          "process "
              + pid
              + " can't load "
              + jar
              + ": "
              + e.getMessage()
              + "; does it see that file, and run Java 17 or later?");
      return Exit.FAILED;
    }
    if (attaching != status.equals(AgentStatus.ATTACHED)) {
      System.err.println("process " + pid + ": " + status);
      return Exit.FAILED;
    }
    System.out.println(
        attaching
            ? "attached to process " + pid + "; to record: jcmd " + pid + " JFR.start"
            : "detached from process " + pid);
    return Exit.OK;
  }

  private static String status(VirtualMachine jvm) throws IOException {
    return jvm.getAgentProperties().getProperty(AgentStatus.PROPERTY, "not loaded");
  }

  /**
   * What keeps a process from being attached to, or {@code null}. Looked at first, because the JDK
   * asks for a JVM's attention with a SIGQUIT, which ends a process that doesn't expect it, and
   * some that do.
   */
  private static String problem(Path process) {
    if (!Files.isDirectory(process)) {
      return "there is no such process";
    }
    try (Stream<String> maps = Files.lines(process.resolve("maps"), StandardCharsets.ISO_8859_1);
        Stream<String> status =
            Files.lines(process.resolve("status"), StandardCharsets.ISO_8859_1)) {
      if (maps.noneMatch(line -> line.contains("/libjvm.so"))) {
        return "it is not a JVM";
      }
      boolean ready =
          status
              .filter(line -> line.startsWith(CAUGHT))
              .map(line -> Long.parseUnsignedLong(line.substring(CAUGHT.length()).strip(), 16))
              .anyMatch(signals -> (signals & SIGQUIT) != 0);
      return ready ? null : "it is not ready, or was started with -Xrs; try again in a second";
    } catch (IOException | UncheckedIOException e) {
      return "it can't be looked at (" + e + "); try as the user that it runs as";
    }
  }
}
