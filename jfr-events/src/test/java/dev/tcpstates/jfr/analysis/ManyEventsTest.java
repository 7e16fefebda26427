// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.analysis.StackWeights.Weight;
import dev.tcpstates.jfr.read.TcpRecordings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A long recording is analysed in little memory, and completely. */
class ManyEventsTest {
  private static final int CONNECTIONS = 170_000;
  private static final long TIMEOUT_SECONDS = 300;

  /** In a JVM of its own: arguments are the recordings. */
  public static final class Analyse {
    public static void main(String[] arguments) throws IOException {
      Summarizer summarizer = new Summarizer();
      Check check = new Check(List.of(Rule.maxCloseWait(0)), false, false);
      StackWeights weights = new StackWeights(new Weight.Connections());
      TcpRecordings recordings = TcpRecordings.of(Path.of(arguments[0]));
      check.verdicts(recordings.read(summarizer, check, weights)).forEach(System.out::println);
      Summary summary = summarizer.result();
      System.out.println(summary.connections());
      System.out.println("leaks " + summary.leaks().stream().mapToLong(Summary.Leak::count).sum());
      System.out.println("lines " + summary.churn().size());
      System.out.println("places " + weights.result().size());
      System.out.println("chunks " + summary.chunks());
    }
  }

  @Test
  void aMillionEvents(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("many.jfr");
    run(directory, "-Xmx512m", ManyEvents.class, file.toString(), "" + CONNECTIONS);
    int leaks = CONNECTIONS / ManyEvents.LEAKS_ONE_OF;
    assertTrue((CONNECTIONS - leaks) * ManyEvents.EVENTS_EACH >= 1_000_000);

    List<String> printed = run(directory, "-Xmx256m", Analyse.class, file.toString());
    assertTrue(printed.get(0).contains("rule=complete, passed=true"), printed.get(0));
    assertTrue(
        printed.get(1).contains("found=" + leaks + " sockets in CLOSE_WAIT"), printed.get(1));
    assertEquals(
        new Summary.Connections(CONNECTIONS, 0, 0, CONNECTIONS - leaks, leaks, 0).toString(),
        printed.get(2));
    assertEquals("leaks " + leaks, printed.get(3));
    assertEquals("lines " + ManyEvents.SITES, printed.get(4));
    assertEquals("places " + ManyEvents.SITES, printed.get(5));
    assertTrue(Integer.parseInt(printed.get(6).split(" ")[1]) > 3, printed.get(6));
  }

  private static List<String> run(Path directory, String heap, Class<?> main, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add(heap);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    Path out = directory.resolve(main.getSimpleName() + ".txt");
    Process process =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectErrorStream(true).start();
    if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      throw new IllegalStateException(main + " has not ended: " + Files.readString(out));
    }
    assertEquals(0, process.exitValue(), Files.readString(out));
    return Files.readAllLines(out);
  }
}
