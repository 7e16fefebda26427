// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordWriterTest {
  private record Row(
      long id, String text, Duration length, Instant time, boolean flag, List<String> stack) {}

  private static final Instant TIME = Instant.parse("2026-11-20T08:00:00.000000001Z");

  private final StringWriter text = new StringWriter();

  private String write(Format format, Row... rows) {
    try (Output out = new Output(text)) {
      RecordWriter<Row> writer = new RecordWriter<>(out, format, Row.class);
      for (Row row : rows) {
        writer.accept(row);
      }
      writer.end();
    }
    return text.toString();
  }

  private static Row row(String text) {
    return new Row(1, text, Duration.ofMillis(2), TIME, true, List.of("a.B.c:1", "d"));
  }

  @Test
  void csvHasAHeadingAndQuotesWhatNeedsIt() {
    assertEquals(
        """
        id,text,length,time,flag,stack
        1,plain,2000000,2026-11-20T08:00:00.000000001Z,true,"a.B.c:1
        d"
        1,"a ""b"", c",2000000,2026-11-20T08:00:00.000000001Z,true,"a.B.c:1
        d"
        1,,2000000,2026-11-20T08:00:00.000000001Z,true,"a.B.c:1
        d"
        """,
        write(Format.csv, row("plain"), row("a \"b\", c"), row(null)));
  }

  @Test
  void csvOfNothingIsTheHeading() {
    assertEquals("id,text,length,time,flag,stack\n", write(Format.csv));
  }

  @Test
  void jsonIsOneObjectALine() {
    assertEquals(
        "{\"id\":1,\"text\":\"a \\\"b\\\" \\\\ \\u000a \\u0001 é"
            + " \\ud83d\\ude00\",\"length\":2000000,\"time\":\"2026-11-20T08:00:00.000000001Z\",\"flag\":true,\"stack\":[\"a.B.c:1\",\"d\"]}\n"
            + "{\"id\":1,\"text\":null,\"length\":2000000,\"time\":\"2026-11-20T08:00:00.000000001Z\",\"flag\":true,\"stack\":[\"a.B.c:1\",\"d\"]}\n",
        write(Format.json, row("a \"b\" \\ \n \u0001 é \ud83d\ude00"), row(null)));
  }

  @Test
  void jsonOfNothingIsNothing() {
    assertEquals("", write(Format.json));
  }
}
