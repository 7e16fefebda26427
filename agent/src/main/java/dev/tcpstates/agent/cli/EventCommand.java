// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.live.LiveJvm;
import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.agent.cli.view.RowSink;
import dev.tcpstates.agent.cli.view.Table;
import dev.tcpstates.jfr.JvmInfo;
import dev.tcpstates.jfr.TcpEventHandler;
import java.util.List;
import picocli.CommandLine.Parameters;

/** A command that prints the events of recordings, or those of a running JVM as they come. */
abstract class EventCommand extends BaseCommand implements TcpEventHandler {
  private static final int COMM = 15;

  @Parameters(
      arity = "0..*",
      paramLabel = Source.LABEL,
      description = {
        Source.NAMES
            + ", to follow until Ctrl-C (the agent is attached if necessary, and then detached at"
            + " the end). Without an argument, the JVMs are listed"
      })
  private List<String> words;

  private Source source;
  private JvmInfo jvm;

  private Source source() {
    source = source == null ? Source.of(words, this) : source;
    return source;
  }

  /** Whether the events come from a running JVM. */
  final boolean isLive() {
    return source().isLive();
  }

  /**
   * Handles all events of the recordings, or those of the running JVM until the user ends it.
   *
   * @param out what this command writes to
   * @param setting the JFR setting that a running JVM needs
   * @return one of {@link Exit}
   */
  final int read(Output out, String setting) {
    if (isLive()) {
      return new LiveJvm(jar(), source().jvm().pid()).follow(List.of(setting), this, out);
    }
    return new RecordingInput(terminal()).read(source().recordings(), this);
  }

  /** Does the same for a command that passes each event to a sink. */
  final int print(Output out, RowSink<?> sink, String setting) {
    if (isLive()) {
      sink.end(); // The heading, now: the first event may be long in coming.
      out.flush();
    }
    int exit = read(out, setting);
    sink.end();
    return exit;
  }

  @Override
  public final void jvm(JvmInfo info) {
    jvm = info;
  }

  /** Adds the columns of bcc's tools that say which JVM a row belongs to. */
  final <T> Table<T> addJvm(Table<T> table) {
    return table.left("PID", 7, row -> pid()).left("COMM", COMM, row -> comm());
  }

  /** Returns the process id of the JVM of the current event; null if it is unknown. */
  final String pid() {
    return jvm == null ? null : Long.toString(jvm.pid());
  }

  /** Returns its main class without the package, or its jar without the folder. */
  final String comm() {
    if (jvm == null || jvm.mainClass() == null) {
      return null;
    }
    String main = jvm.mainClass();
    char before = main.endsWith(".jar") ? '/' : '.';
    String name = main.substring(main.lastIndexOf(before) + 1);
    return name.substring(0, Math.min(COMM, name.length()));
  }
}
