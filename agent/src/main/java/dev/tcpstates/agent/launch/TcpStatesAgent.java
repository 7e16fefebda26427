// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.launch;

import java.lang.instrument.Instrumentation;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The only class of the jar that the JVM's class path sees. It opens the agent's own module, in a
 * class loader of its own, and hands over.
 *
 * <p>Nothing may get out of here: an exception from {@code premain} would end the application.
 */
public final class TcpStatesAgent {
  private static final AtomicBoolean STARTED = new AtomicBoolean();

  private TcpStatesAgent() {}

  /** Called by the JVM for {@code -javaagent}, before {@code main}. */
  public static void premain(String arguments, Instrumentation instrumentation) {
    start(arguments, instrumentation);
  }

  private static void start(String arguments, Instrumentation instrumentation) {
    if (isJdkTool()) {
      return;
    }
    if (!STARTED.compareAndSet(false, true)) {
      System.err.println("tcpstates-agent: already in this JVM; this second one does nothing.");
      return;
    }
    boolean goOn = true;
    try {
      Path jar =
          Path.of(TcpStatesAgent.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      Class<?> agent = AgentClassLoader.open(jar).loadClass("dev.tcpstates.agent.Agent");
      goOn =
          (boolean)
              agent
                  .getMethod("start", String.class, Instrumentation.class, Path.class)
                  .invoke(null, arguments, instrumentation, jar);
    } catch (Throwable t) {
      Throwable cause = t.getCause() == null ? t : t.getCause();
      System.err.println(
          "tcpstates-agent: not started: " + cause + ". The application runs without it.");
    }
    if (!goOn) {
      System.exit(1);
    }
  }

  /**
   * Whether this JVM is jcmd, jfr or another JDK tool, which JAVA_TOOL_OPTIONS gives agents too.
   */
  private static boolean isJdkTool() {
    String main = System.getProperty("jdk.module.main", "");
    return main.startsWith("jdk.") && !main.equals("jdk.httpserver");
  }
}
