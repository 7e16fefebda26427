// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.ListenQueueInfo;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.OpenSiteInfo;
import dev.tcpstates.jfr.ResetInfo;
import dev.tcpstates.jfr.RetransmitInfo;
import dev.tcpstates.jfr.SocketOpenInfo;
import dev.tcpstates.jfr.SocketStateInfo;
import dev.tcpstates.jfr.SocketWaitInfo;
import dev.tcpstates.jfr.StateCountInfo;
import dev.tcpstates.jfr.StuckSocketInfo;
import dev.tcpstates.jfr.TcpEventHandler;
import dev.tcpstates.jfr.ThroughputInfo;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.event.AgentState;
import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.ListenQueue;
import dev.tcpstates.jfr.event.OpenSite;
import dev.tcpstates.jfr.event.RecordsLost;
import dev.tcpstates.jfr.event.Reset;
import dev.tcpstates.jfr.event.Retransmit;
import dev.tcpstates.jfr.event.SocketOpen;
import dev.tcpstates.jfr.event.SocketState;
import dev.tcpstates.jfr.event.SocketWait;
import dev.tcpstates.jfr.event.StateChange;
import dev.tcpstates.jfr.event.StateCount;
import dev.tcpstates.jfr.event.StuckSocket;
import dev.tcpstates.jfr.event.Throughput;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import jdk.jfr.Event;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every field of every event arrives in the record's component of the same name. */
class EventTypeTest {
  /** Components that are not read from a field. */
  private static final List<String> JFRS_OWN =
      List.of("time", "startTime", "endTime", "from", "to", "thread");

  @TempDir Path dir;

  private static final class Collected implements TcpEventHandler {
    final List<Record> records = new ArrayList<>();

    @Override
    public void transition(Transition transition) {
      records.add(transition);
    }

    @Override
    public void connection(ConnectionInfo connection) {
      records.add(connection);
    }

    @Override
    public void socketOpen(SocketOpenInfo open) {
      records.add(open);
    }

    @Override
    public void openSite(OpenSiteInfo site) {
      records.add(site);
    }

    @Override
    public void socketState(SocketStateInfo state) {
      records.add(state);
    }

    @Override
    public void retransmit(RetransmitInfo retransmit) {
      records.add(retransmit);
    }

    @Override
    public void reset(ResetInfo reset) {
      records.add(reset);
    }

    @Override
    public void throughput(ThroughputInfo throughput) {
      records.add(throughput);
    }

    @Override
    public void stateCount(StateCountInfo count) {
      records.add(count);
    }

    @Override
    public void stuckSocket(StuckSocketInfo socket) {
      records.add(socket);
    }

    @Override
    public void listenQueue(ListenQueueInfo queue) {
      records.add(queue);
    }

    @Override
    public void socketWait(SocketWaitInfo wait) {
      records.add(wait);
    }

    @Override
    public void loss(Loss loss) {
      records.add(loss);
    }

    @Override
    public void agentState(AgentInfo state) {
      records.add(state);
    }
  }

  static Stream<Arguments> events() {
    return Stream.of(
        Arguments.of(new StateChange(), Transition.class),
        Arguments.of(new Connection(), ConnectionInfo.class),
        Arguments.of(new SocketOpen(), SocketOpenInfo.class),
        Arguments.of(new OpenSite(), OpenSiteInfo.class),
        Arguments.of(new SocketState(), SocketStateInfo.class),
        Arguments.of(new Retransmit(), RetransmitInfo.class),
        Arguments.of(new Reset(), ResetInfo.class),
        Arguments.of(new Throughput(), ThroughputInfo.class),
        Arguments.of(new StateCount(), StateCountInfo.class),
        Arguments.of(new StuckSocket(), StuckSocketInfo.class),
        Arguments.of(new ListenQueue(), ListenQueueInfo.class),
        Arguments.of(new SocketWait(), SocketWaitInfo.class),
        Arguments.of(new RecordsLost(), Loss.class),
        Arguments.of(new AgentState(), AgentInfo.class));
  }

  @ParameterizedTest
  @MethodSource("events")
  void everyFieldArrives(Event event, Class<? extends Record> type) throws Exception {
    Map<String, Object> expected = fill(event, type);
    Collected collected = new Collected();
    TcpRecordings.of(Recordings.record(dir.resolve("one.jfr"), event::commit)).read(collected);

    assertEquals(1, collected.records.size());
    Record record = collected.records.get(0);
    assertEquals(type, record.getClass());
    Map<String, Object> actual = new TreeMap<>();
    for (RecordComponent component : type.getRecordComponents()) {
      Object value = component.getAccessor().invoke(record);
      if (JFRS_OWN.contains(component.getName())) {
        assertTrue(value != null, component.getName());
      } else if (!(event instanceof SocketOpen && component.getName().equals("stack"))) {
        actual.put(component.getName(), plain(value));
      }
    }
    assertEquals(expected, actual);
  }

  /** The cases have every event class of the package. */
  @ParameterizedTest
  @MethodSource("packages")
  void everyEventIsRead(Path classes) throws Exception {
    List<String> known = events().map(e -> e.get()[0].getClass().getSimpleName()).sorted().toList();
    try (Stream<Path> files = Files.list(classes)) {
      assertEquals(
          known,
          files
              .map(file -> file.getFileName().toString().replace(".class", ""))
              .filter(EventTypeTest::isEvent)
              .sorted()
              .toList());
    }
  }

  private static boolean isEvent(String name) {
    try {
      Class<?> type = Class.forName(StateChange.class.getPackageName() + "." + name);
      return Event.class.isAssignableFrom(type) && !Modifier.isAbstract(type.getModifiers());
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  static Stream<Path> packages() throws Exception {
    return Stream.of(
        Path.of(StateChange.class.getResource("StateChange.class").toURI()).getParent());
  }

  /** Gives each field a unique value. */
  private static Map<String, Object> fill(Event event, Class<?> record) throws Exception {
    Map<String, Object> values = new TreeMap<>();
    int number = 100;
    for (Field field : event.getClass().getDeclaredFields()) {
      if (!Modifier.isPublic(field.getModifiers()) || Modifier.isStatic(field.getModifiers())) {
        continue;
      }
      number++;
      if (field.getType() == String.class) {
        Object[] constants =
            record.getDeclaredMethod(field.getName()).getReturnType().getEnumConstants();
        String text =
            constants == null ? "text " + number : "" + constants[number % constants.length];
        field.set(event, text);
        values.put(field.getName(), text);
      } else if (field.getType() == boolean.class) {
        field.set(event, true);
        values.put(field.getName(), "true");
      } else if (field.getType() == int.class) {
        field.setInt(event, number);
        values.put(field.getName(), "" + number);
      } else {
        field.setLong(event, number + (1L << 40));
        values.put(field.getName(), "" + (number + (1L << 40)));
      }
    }
    return values;
  }

  private static Object plain(Object value) {
    if (value instanceof Duration duration) {
      return "" + duration.toNanos();
    }
    return value instanceof List<?> list ? String.join("\n", texts(list)) : String.valueOf(value);
  }

  private static List<String> texts(List<?> list) {
    List<String> texts = new ArrayList<>();
    Consumer<Object> add = element -> texts.add((String) element);
    list.forEach(add);
    return texts;
  }
}
