// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.command;

import dev.tcpstates.jfr.TcpEventHandler;
import dev.tcpstates.jfr.Transition;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Each transition, as bcc's tcpstates prints them. */
@Command(
    name = "print",
    synopsisHeading = "usage: ",
    sortOptions = false,
    description = {
      "",
      "Prints each transition, as bcc's tcpstates does, and who opened the socket.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar print app.jfr                     all transitions of a"
          + " recording",
      "  java -jar tcpstates-agent.jar print -T -L 8080 app.jfr          with the time, of local"
          + " port 8080 only",
      "  java -jar tcpstates-agent.jar print --format json app.jfr | jq 'select(.newState =="
          + " \"CLOSE_WAIT\")'"
    })
final class PrintCommand implements Callable<Integer> {
  @ParentCommand private dev.tcpstates.agent.command.Command parent;

  @Mixin private SocketFilter filter;

  @Option(
      names = {"-T", "--time"},
      description = "with the time of day (HH:MM:SS)")
  private boolean time;

  @Option(
      names = {"-t", "--timestamp"},
      description = "with the seconds since the first one shown")
  private boolean timestamp;

  @Option(
      names = {"-w", "--wide"},
      description = "with wide columns for IPv6 addresses, and IP's version")
  private boolean wide;

  @Option(
      names = {"-s", "--csv"},
      description = "the same columns, separated by commas")
  private boolean csv;

  @Option(
      names = "--format",
      paramLabel = "<format>",
      description = "table; csv or json: every field of the events (default: table)")
  private Format format = Format.table;

  @Parameters(
      arity = "1..*",
      paramLabel = "<recording>",
      description = "recordings (.jfr), and directories of them")
  private List<Path> recordings;

  @Override
  public Integer call() {
    try (Output out = Output.standard()) {
      if (format != Format.table) {
        RecordWriter writer = new RecordWriter(out, format);
        int exit = read(writer::write);
        writer.end(Transition.class);
        return exit;
      }
      TransitionRows rows = new TransitionRows(out, parent.terminal(), time, timestamp, wide, csv);
      rows.heading();
      return read(rows);
    }
  }

  private int read(Consumer<Transition> consumer) {
    TransitionFilter filtered = new TransitionFilter(filter, consumer);
    return new RecordingInput(parent.terminal())
        .read(
            recordings,
            new TcpEventHandler() {
              @Override
              public void transition(Transition transition) {
                filtered.accept(transition);
              }
            });
  }
}
