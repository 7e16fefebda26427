// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.launch;

import java.io.FileNotFoundException;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;

/**
 * What the JVM's class path sees of the jar: the ways in. Each opens the agent's own module, in a
 * class loader of its own, and hands over.
 *
 * <p>Nothing may get out of {@code premain} and {@code agentmain}: an exception would end the
 * application.
 */
public final class TcpStatesAgent {
  private static final String DETACH = "detach";

  private static Class<?> agent;
  private static boolean preMain;

  private TcpStatesAgent() {}

  /** Called by the JVM for {@code -javaagent}, before {@code main}. */
  public static void premain(String arguments, Instrumentation instrumentation) {
    String required = null;
    boolean works;
    try {
      required = required(arguments);
      if (isHelper()) {
        return;
      }
      if (preMain) {
        System.err.println(
            "tcpstates-agent: ERROR given to this JVM twice; the first is in effect, this one is"
                + " not. Leave out one of the two -javaagent options (JAVA_TOOL_OPTIONS may hold"
                + " one).");
        return;
      }
      preMain = true;
      works = start(arguments, instrumentation, required, false);
    } catch (Throwable t) {
      works = false;
      System.err.println(
          "tcpstates-agent: ERROR the agent can't be loaded: "
              + explain(t)
              + (required != null
                  ? ". The application is not started, because required=" + required + "."
                  : ". The application runs without the agent."));
    }
    if (required != null && !works) {
      System.exit(1);
    }
  }

  /**
   * Called by the JVM when the agent is loaded into it while it runs, by the command {@code attach}
   * or by {@code jcmd PID JVMTI.agent_load}.
   *
   * @param arguments options as for {@code -javaagent}, or {@code detach}
   */
  public static void agentmain(String arguments, Instrumentation instrumentation) {
    try {
      if (DETACH.equals(arguments)) {
        detach();
      } else {
        start(arguments, instrumentation, null, true);
      }
    } catch (Throwable t) {
      System.err.println("tcpstates-agent: ERROR the agent can't be loaded: " + explain(t) + ".");
    }
  }

  private static synchronized boolean start(
      String arguments, Instrumentation instrumentation, String required, boolean running)
      throws Exception {
    Path jar = OwnJar.find();
    if (agent == null) {
      agent = AgentClassLoader.open(jar).loadClass("dev.tcpstates.agent.Agent");
    }
    Object[] call = {arguments, jar, required, running, false};
    agent
        .getMethod("start", Object[].class, Instrumentation.class)
        .invoke(null, call, instrumentation);
    return (boolean) call[4];
  }

  private static synchronized void detach() throws Exception {
    if (agent != null) {
      agent.getMethod("stop").invoke(null);
    }
  }

  /**
   * The value of the option {@code required} that may keep the application from starting, or null.
   * Read here, for it holds whatever goes wrong later: another option, the agent's own loading.
   */
  private static String required(String arguments) {
    String given = ("," + arguments + ",").replace(" ", "");
    String property = System.getProperty("tcpstates.required", "").strip();
    for (String value : new String[] {"true", "sampled"}) {
      if (given.contains(",required=" + value + ",") || value.equals(property)) {
        return value;
      }
    }
    return null;
  }

  /**
   * Whether this JVM runs no application: it is jcmd, keytool or another JDK tool, or the launcher
   * has no main class, as in {@code java -version}. JAVA_TOOL_OPTIONS gives agents to these, too.
   */
  private static boolean isHelper() {
    String module = System.getProperty("jdk.module.main", "");
    String command = System.getProperty("sun.java.command");
    boolean tool = module.startsWith("jdk.") && !module.equals("jdk.httpserver");
    if (tool || module.equals("java.base")) {
      return true;
    }
    // A JVM that another program has created has neither a launcher nor a command.
    return command == null
        ? System.getProperty("sun.java.launcher") != null
        : command.startsWith("jdk.jshell.execution."); // where JShell runs what is typed
  }

  private static String explain(Throwable thrown) {
    Throwable t = thrown instanceof InvocationTargetException ? thrown.getCause() : thrown;
    if (t instanceof FileNotFoundException) {
      return t.getMessage() + "; start the JVM with -javaagent and the path of the jar";
    }
    return t
        + (t instanceof SecurityException
            ? "; grant java.security.AllPermission to the agent's jar in the policy file"
            : "; fetch or build its jar again; if that does not help, report this with your JDK's"
                + " version");
  }
}
