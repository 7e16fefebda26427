// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.MetadataDefinition;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.Relational;
import jdk.jfr.SettingDescriptor;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import jdk.jfr.Timespan;
import jdk.jfr.ValueDescriptor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventMetadataTest {
  static final List<Class<? extends Event>> EVENTS =
      List.of(
          StateChange.class,
          Connection.class,
          SocketOpen.class,
          SocketState.class,
          OpenSite.class,
          Retransmit.class,
          Reset.class,
          Throughput.class,
          StateCount.class,
          StuckSocket.class,
          ListenQueue.class,
          SocketWait.class,
          RecordsLost.class,
          AgentState.class);

  private static final List<Class<?>> ANNOTATIONS = List.of(SocketId.class, OpenSiteId.class);

  /** The events with settings that filter sockets. */
  private static final Set<Class<?>> FILTERED =
      Set.of(StateChange.class, Connection.class, Retransmit.class, Reset.class);

  private static final List<Class<?>> SETTINGS =
      List.of(
          FilteredEvent.class,
          FilterControl.class,
          LocalPortsControl.class,
          RemotePortsControl.class,
          FamilyControl.class,
          LoopbackControl.class);

  private static final Set<String> DIAGNOSTICS = Set.of("RecordsLost", "AgentState");

  /** Longs that are neither a time, nor an amount of data, nor a key. */
  private static final Set<String> PLAIN_LONGS = Set.of("openThreadId", "osThreadId", "records");

  private static final Pattern LABEL =
      Pattern.compile("[A-Z][A-Za-z0-9]*( [A-Z][A-Za-z0-9]*){0,2}");

  private static final Pattern SENTENCE = Pattern.compile("[A-Z]([^.]|\\.\\S)*\\.");

  @Test
  void thePackageHoldsNothingElse() throws Exception {
    Set<String> expected =
        Stream.of(EVENTS, ANNOTATIONS, SETTINGS)
            .flatMap(List::stream)
            .map(type -> type.getSimpleName() + ".class")
            .collect(Collectors.toCollection(TreeSet::new));
    try (Stream<Path> files = Files.walk(classes())) {
      Set<String> found =
          files
              .filter(Files::isRegularFile)
              .map(file -> classes().relativize(file).toString())
              .collect(Collectors.toCollection(TreeSet::new));
      assertEquals(expected, found);
    }
  }

  @Test
  void noClassUsesAnotherPackageOfOurs() throws IOException {
    Pattern ours = Pattern.compile("dev[/.]tcpstates[/.](?!jfr[/.]event[/.])[\\w/.]*");
    try (Stream<Path> files = Files.list(classes())) {
      for (Path file : files.toList()) {
        String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
        Matcher other = ours.matcher(bytes);
        assertFalse(other.find(), () -> file + " names " + other.group());
        assertFalse(bytes.contains("java/lang/invoke/LambdaMetafactory"), file + " has a lambda");
      }
    }
  }

  @ParameterizedTest
  @FieldSource("EVENTS")
  void classIsPlainAndFullyAnnotated(Class<? extends Event> type) {
    assertEquals(Modifier.PUBLIC | Modifier.FINAL, type.getModifiers());
    assertEquals(FILTERED.contains(type) ? FilteredEvent.class : Event.class, type.getSuperclass());
    assertEquals(0, type.getDeclaredClasses().length);

    assertEquals(
        "tcpstates." + type.getSimpleName(), type.getDeclaredAnnotation(Name.class).value());
    assertMatches(LABEL, type.getDeclaredAnnotation(Label.class).value());
    assertMatches(SENTENCE, type.getDeclaredAnnotation(Description.class).value());
    assertEquals(
        DIAGNOSTICS.contains(type.getSimpleName()) ? List.of("TCP", "Agent") : List.of("TCP"),
        List.of(type.getDeclaredAnnotation(Category.class).value()));

    assertNotNull(type.getDeclaredAnnotation(Enabled.class));
    assertNotNull(type.getDeclaredAnnotation(StackTrace.class));
    assertTrue(
        type.isAnnotationPresent(Threshold.class) != type.isAnnotationPresent(Period.class),
        "either a threshold or a period: with a period, JFR knows no threshold");
  }

  @ParameterizedTest
  @FieldSource("EVENTS")
  void fieldsFollowTheRules(Class<? extends Event> type) throws ReflectiveOperationException {
    Field name = type.getDeclaredField("NAME");
    assertEquals(Modifier.PUBLIC | Modifier.STATIC | Modifier.FINAL, name.getModifiers());
    assertEquals("tcpstates." + type.getSimpleName(), name.get(null));

    assertFalse(fields(type).isEmpty());
    for (Field field : fields(type)) {
      String id = type.getSimpleName() + "." + field.getName();
      assertEquals(Modifier.PUBLIC, field.getModifiers(), id);
      // JFR adds fields of these names itself, and drops an event class that has them already.
      assertFalse(Set.of("duration", "startTime").contains(field.getName()), id);
      assertTrue(
          Set.of(String.class, int.class, long.class, boolean.class).contains(field.getType()), id);
      assertMatches(LABEL, field.getAnnotation(Label.class).value());
      assertMatches(SENTENCE, field.getAnnotation(Description.class).value());
      boolean unit =
          field.isAnnotationPresent(Timespan.class)
              || field.isAnnotationPresent(DataAmount.class)
              || field.isAnnotationPresent(SocketId.class)
              || field.isAnnotationPresent(OpenSiteId.class);
      assertEquals(
          field.getType() == long.class && !PLAIN_LONGS.contains(field.getName()), unit, id);
    }
  }

  @ParameterizedTest
  @FieldSource("EVENTS")
  void settingsThatFilterSockets(Class<? extends Event> type) {
    FlightRecorder.register(type);
    Map<String, String> defaults =
        EventType.getEventType(type).getSettingDescriptors().stream()
            .filter(setting -> setting.getTypeName().startsWith("dev.tcpstates"))
            .peek(setting -> assertMatches(LABEL, setting.getLabel()))
            .peek(setting -> assertMatches(SENTENCE, setting.getDescription()))
            .collect(
                Collectors.toMap(SettingDescriptor::getName, SettingDescriptor::getDefaultValue));
    assertEquals(
        FILTERED.contains(type)
            ? Map.of("localPorts", "", "remotePorts", "", "family", "", "loopback", "")
            : Map.of(),
        defaults);
  }

  @Test
  void sameFieldMeansTheSameEverywhere() {
    Map<String, Set<String>> meanings =
        EVENTS.stream()
            .flatMap(type -> fields(type).stream())
            .collect(
                Collectors.groupingBy(
                    Field::getName,
                    Collectors.mapping(
                        field ->
                            field.getType()
                                + " "
                                + field.getAnnotation(Label.class).value()
                                + " "
                                + field.isAnnotationPresent(SocketId.class)
                                + " "
                                + field.isAnnotationPresent(OpenSiteId.class),
                        Collectors.toSet())));
    meanings.forEach((field, meaning) -> assertEquals(1, meaning.size(), field + meaning));
    assertEquals(Set.of("long Socket Id true false"), meanings.get("socketId"));
    assertEquals(Set.of("long Open Site Id false true"), meanings.get("openSiteId"));
  }

  @ParameterizedTest
  @ValueSource(classes = {SocketId.class, OpenSiteId.class})
  void idAnnotationsAreRelations(Class<?> annotation) {
    assertTrue(annotation.isAnnotationPresent(MetadataDefinition.class));
    assertTrue(annotation.isAnnotationPresent(Relational.class));
    assertMatches(LABEL, annotation.getAnnotation(Label.class).value());
    assertMatches(SENTENCE, annotation.getAnnotation(Description.class).value());
  }

  @ParameterizedTest
  @FieldSource("EVENTS")
  void jfrKnowsTheEventWithAllItsFields(Class<? extends Event> type) {
    FlightRecorder.register(type);
    long id = EventType.getEventType(type).getId();
    EventType registered =
        FlightRecorder.getFlightRecorder().getEventTypes().stream()
            .filter(candidate -> candidate.getId() == id)
            .findAny()
            .orElseThrow();
    assertEquals("tcpstates." + type.getSimpleName(), registered.getName());

    Set<String> expected =
        fields(type).stream().map(Field::getName).collect(Collectors.toCollection(TreeSet::new));
    expected.addAll(Set.of("startTime", "duration", "eventThread", "stackTrace"));
    Set<String> found =
        registered.getFields().stream()
            .map(ValueDescriptor::getName)
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(expected, found);
  }

  private static List<Field> fields(Class<?> type) {
    return Arrays.stream(type.getDeclaredFields())
        .filter(field -> !Modifier.isStatic(field.getModifiers()))
        // JFR's own, see above.
        .filter(field -> !Modifier.isPrivate(field.getModifiers()))
        .toList();
  }

  private static Path classes() {
    try {
      Path root =
          Path.of(StateChange.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return root.resolve("dev/tcpstates/jfr/event");
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertMatches(Pattern pattern, String text) {
    assertTrue(pattern.matcher(text).matches(), text);
  }
}
