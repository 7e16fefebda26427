// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.launch;

import java.lang.instrument.Instrumentation;
import java.lang.reflect.InvocationTargetException;
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
    boolean required = false;
    boolean works;
    try {
      required = required(arguments);
      if (isJdkTool()) {
        return;
      }
      if (!STARTED.compareAndSet(false, true)) {
        System.err.println(
            "tcpstates-agent: ERROR given to this JVM twice; the first is in effect, this one is"
                + " not. Leave out one of the two -javaagent options (JAVA_TOOL_OPTIONS may hold"
                + " one).");
        return;
      }
      works = start(arguments, instrumentation, required);
    } catch (Throwable t) {
      works = false;
      System.err.println(
          "tcpstates-agent: ERROR the agent can't be loaded: "
              + explain(t instanceof InvocationTargetException ? t.getCause() : t)
              + (required
                  ? ". The application is not started, because required=true."
                  : ". The application runs without the agent."));
    }
    if (required && !works) {
      System.exit(1);
    }
  }

  private static boolean start(String arguments, Instrumentation instrumentation, boolean required)
      throws Exception {
    Path jar =
        Path.of(TcpStatesAgent.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Class<?> agent = AgentClassLoader.open(jar).loadClass("dev.tcpstates.agent.Agent");
    return (boolean)
        agent
            .getMethod("start", String.class, Instrumentation.class, Path.class, boolean.class)
            .invoke(null, arguments, instrumentation, jar, required);
  }

  /** Read here, for it holds whatever goes wrong later: another option, the agent's own loading. */
  private static boolean required(String arguments) {
    return ("," + arguments + ",").replace(" ", "").contains(",required=true,")
        || "true".equals(System.getProperty("tcpstates.required", "").strip());
  }

  /**
   * Whether this JVM is jcmd, jfr or another JDK tool, which JAVA_TOOL_OPTIONS gives agents too.
   */
  private static boolean isJdkTool() {
    String main = System.getProperty("jdk.module.main", "");
    return main.startsWith("jdk.") && !main.equals("jdk.httpserver");
  }

  private static String explain(Throwable t) {
    return t
        + (t instanceof SecurityException
            ? "; grant java.security.AllPermission to the agent's jar in the policy file"
            : "; please report this with your JDK's version");
  }
}
