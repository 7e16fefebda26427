// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The step of a pipeline passes or fails, and prints the reason. */
class PipelineIT {
  private static final Path SCRIPT = Path.of("pipeline.sh").toAbsolutePath();

  @TempDir private Path directory;

  @BeforeAll
  static void tier() {
    Command.needKernel();
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          leak,       no-leaks: 3 leaked or stuck sockets,                         WeatherMap.temperature
          churn,      max-connections-per-site 10: at most 20 connections, Exchange.askWithNewClient
          fallback,   no-refused: 1 refused connection,                   Replicas
          slowaccept, ,
          pool,       ,
          """)
  void isRedForWhatIsWrong(String story, String broken, String line) throws Exception {
    Path jdk = Path.of(System.getProperty("java.home"));
    Command.Result result = new Command(directory, jdk, List.of(SCRIPT.toString(), story)).run();
    String report =
        Files.readString(Path.of("target", story, "TEST-connections.xml").toAbsolutePath());
    if (broken == null) {
      assertEquals(0, result.exit(), result::toString);
      assertTrue(report.contains(" tests=\"6\"") && report.contains(" failures=\"0\""), report);
    } else {
      assertEquals(1, result.exit(), result::toString);
      assertTrue(result.out().contains("FAIL  " + broken), result.out());
      assertTrue(result.out().contains("." + line), result.out());
      assertTrue(report.contains("message=\"" + broken), report);
    }
  }

  @ParameterizedTest
  @CsvSource({"''", "unheard-of"})
  void nothingToCheckIsNeither(String story) throws Exception {
    Path jdk = Path.of(System.getProperty("java.home"));
    Command.Result result = new Command(directory, jdk, List.of(SCRIPT.toString(), story)).run();
    assertEquals(2, result.exit(), result::toString);
    assertTrue(result.err().contains("unknown sample"), result.err());
  }
}
