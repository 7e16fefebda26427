// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.PlainMain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import jdk.jfr.Configuration;
import jdk.jfr.EventType;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The settings that the jar prints, in the JVMs that record with them. */
class ReadySettingsIT {
  @TempDir private Path directory;

  static Stream<Arguments> variants() {
    return Jdk.all().stream()
        .flatMap(
            jdk ->
                Stream.of(List.of("jfc"), List.of("jfc", "low"), List.of("jfc", "full"))
                    .map(words -> Arguments.of(jdk, words)));
  }

  private Path printed(Jdk jdk, List<String> words) throws Exception {
    Tool tool = Tool.agent(jdk, words.toArray(String[]::new)).ok();
    assertEquals("", tool.err());
    return Files.writeString(directory.resolve("printed.jfc"), tool.out());
  }

  /** As JFR itself has them, by event and setting. */
  private static Map<String, String> effective(Path recording) throws Exception {
    Map<String, String> settings = new TreeMap<>();
    try (RecordingFile file = new RecordingFile(recording)) {
      Map<Long, String> names = new HashMap<>();
      for (EventType type : file.readEventTypes()) {
        names.put(type.getId(), type.getName());
      }
      while (file.hasMoreEvents()) {
        RecordedEvent event = file.readEvent();
        if (event.getEventType().getName().equals("jdk.ActiveSetting")) {
          settings.put(
              names.get(event.getLong("id")) + "#" + event.getString("name"),
              event.getString("value"));
        }
      }
    }
    return settings;
  }

  private static Map<String, String> ours(Map<String, String> settings) {
    Map<String, String> ours = new TreeMap<>(settings);
    ours.keySet().removeIf(key -> !key.startsWith("tcpstates."));
    return ours;
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @MethodSource("variants")
  void areInEffectBesideTheJdksOwn(Jdk jdk, List<String> words) throws Exception {
    Path jfc = printed(jdk, words);
    AgentJvm jvm = new AgentJvm(jdk, directory).record("settings=default,settings=" + jfc);
    AgentJvm.Result result = jvm.run(PlainMain.class).ok();
    Map<String, String> effective = effective(result.recording());
    Map<String, String> expected = Configuration.create(jfc).getSettings();
    assertTrue(expected.size() >= 30, expected::toString);
    assertEquals(new TreeMap<>(expected), ours(effective));
    assertEquals("1000 ms", effective.get("jdk.CPULoad#period"));
    assertAreAsDescribed(words.get(words.size() - 1), effective);
  }

  /** As the help has it: the usual ones, those of low cost, all there is. */
  private static void assertAreAsDescribed(String variant, Map<String, String> effective) {
    boolean low = variant.equals("low");
    assertEquals("" + !low, effective.get("tcpstates.StateChange#enabled"));
    assertEquals("true", effective.get("tcpstates.Connection#enabled"));
    assertEquals("true", effective.get("tcpstates.StuckSocket#enabled"));
    List<String> left =
        ours(effective).entrySet().stream()
            .filter(setting -> setting.getKey().endsWith("#enabled"))
            .filter(setting -> setting.getValue().equals("false"))
            .map(Map.Entry::getKey)
            .toList();
    assertEquals(low, left.contains("tcpstates.StateChange#enabled"), left::toString);
    assertEquals(!variant.equals("full"), left.contains("tcpstates.SocketWait#enabled"));
    assertEquals(low ? left.size() : variant.equals("full") ? 0 : 1, left.size(), left::toString);
    assertEquals(
        Map.of("jfc", "10 s", "low", "60 s", "full", "1 s").get(variant),
        effective.get("tcpstates.StateCount#period"));
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @MethodSource("variants")
  void controlsChangeThem(Jdk jdk, List<String> words) throws Exception {
    Path jfc = printed(jdk, words);
    String controls = ",tcp-period=7s,tcp-threshold=3ms,tcp-throughput=false,tcp-resets=false";
    AgentJvm jvm =
        new AgentJvm(jdk, directory).record("settings=default,settings=" + jfc + controls);
    Map<String, String> effective = effective(jvm.run(PlainMain.class).ok().recording());
    Map<String, String> expected = new TreeMap<>(Configuration.create(jfc).getSettings());
    expected.put("tcpstates.StateCount#period", "7 s");
    expected.put("tcpstates.ListenQueue#period", "7 s");
    expected.put("tcpstates.Throughput#period", "7 s");
    expected.put("tcpstates.StuckSocket#period", "7 s");
    expected.put("tcpstates.StateChange#threshold", "3 ms");
    expected.put("tcpstates.Connection#threshold", "3 ms");
    expected.put("tcpstates.Throughput#enabled", "false");
    expected.put("tcpstates.Reset#enabled", "false");
    assertEquals(spaceless(expected), spaceless(ours(effective)));
  }

  private static Map<String, String> spaceless(Map<String, String> settings) {
    Map<String, String> spaceless = new TreeMap<>();
    settings.forEach((key, value) -> spaceless.put(key, value.replace(" ", "")));
    return spaceless;
  }

  @Test
  void otherWordsAreAnsweredWithTheUsage() throws Exception {
    Jdk jdk = Jdk.all().get(0);
    for (String[] words : new String[][] {{"jfc", "middle"}, {"jfc", "low", "full"}, {"jcf"}}) {
      Tool tool = Tool.agent(jdk, words);
      assertEquals(2, tool.exit());
      assertEquals("", tool.out());
      assertTrue(tool.err().startsWith("usage: "), tool.err());
    }
  }
}
