// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each sample prints what README.md shows; ports and times differ. */
class StoriesIT {
  private static final Path SCRIPT = Path.of("run.sh").toAbsolutePath();
  private static final Path README = Path.of("README.md");
  private static final List<String> STORIES =
      List.of("leak", "churn", "slowaccept", "fallback", "pool");
  private static final int NOT_RECORDED = 2;
  private static final Pattern MILLIS = Pattern.compile("(\\d+\\.\\d) ms");

  @TempDir private Path directory;

  @BeforeAll
  static void tier() {
    Command.needKernel();
  }

  static Stream<Arguments> storiesOnJdks() throws IOException {
    List<Path> jdks = Command.jdks();
    return STORIES.stream().flatMap(story -> jdks.stream().map(jdk -> Arguments.of(story, jdk)));
  }

  @ParameterizedTest
  @MethodSource("storiesOnJdks")
  void showsWhatTheReadmeSays(String story, Path jdk) throws Exception {
    Command.Result result = new Command(directory, jdk, List.of(SCRIPT.toString(), story)).run();
    Command.need(result.exit() != NOT_RECORDED, "what the agent needs: " + result.out());
    assertEquals(0, result.exit(), result::toString);
    assertEquals("", result.err());
    assertEquals(general(inReadme(story)), general(result.out()), result::out);
    assertTimes(story, times(result.out()), result.out());
    Matcher recording = Pattern.compile("The recording: (.*)").matcher(result.out());
    assertTrue(recording.find() && Files.exists(directory.resolve(recording.group(1))));
  }

  /** The block that begins with the command. */
  private static String inReadme(String story) throws IOException {
    Matcher block =
        Pattern.compile("(?s)```\n\\$ samples/run\\.sh " + story + "\n(.*?)```")
            .matcher(Files.readString(README));
    assertTrue(block.find(), "no output of " + story + " in " + README.toAbsolutePath());
    return block.group(1);
  }

  /** Replaces what differs from run to run. */
  private static String general(String output) {
    return output
        .replaceAll("(127\\.0\\.0\\.\\d):\\d+", "$1:PORT")
        .replaceAll(MILLIS.pattern(), "TIME")
        .replaceAll("The recording: .*", "The recording: FILE")
        .replaceAll(" +", " ");
  }

  private static List<Double> times(String output) {
    List<Double> times = new ArrayList<>();
    Matcher matcher = MILLIS.matcher(output);
    while (matcher.find()) {
      times.add(Double.valueOf(matcher.group(1)));
    }
    return times;
  }

  /** The programs' waits have known minimums; on a busy machine they are longer. */
  private static void assertTimes(String story, List<Double> times, String output) {
    switch (story) {
      case "slowaccept" -> {
        // A client waits for a sale of 100 ms per client before it.
        for (int i = 0; i < times.size(); i++) {
          assertTrue(times.get(i) >= 100 * i, output);
        }
      }
      case "fallback" -> {
        assertTrue(times.get(0) < times.get(1), output);
        assertTrue(times.get(1) >= 300, output);
      }
      case "pool" -> {
        // Six reports of 200 ms over two connections, so at least three over one of them.
        assertTrue(Math.max(times.get(1), times.get(3)) >= 600, output);
        List<Double> waits = times.subList(4, times.size()).stream().sorted().toList();
        // The last two threads wait for two reports, unless they came late.
        assertTrue(waits.get(0) >= 20 && waits.get(3) >= 200, output);
      }
      default -> assertEquals(List.of(), times);
    }
  }

  @Test
  void saysWhichStoriesThereAre() throws Exception {
    Path jdk = Path.of(System.getProperty("java.home"));
    Command.Result result =
        new Command(directory, jdk, List.of(SCRIPT.toString(), "once upon a time")).run();
    assertEquals(1, result.exit());
    assertEquals("", result.out());
    assertEquals(
        "run: unknown sample, use one of: " + String.join(" ", STORIES) + "\n", result.err());
  }
}
