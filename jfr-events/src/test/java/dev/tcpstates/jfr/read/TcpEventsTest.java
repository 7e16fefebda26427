// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.ChunkInfo;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.OpenSiteInfo;
import dev.tcpstates.jfr.TcpEventHandler;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.OpenSite;
import dev.tcpstates.jfr.event.StateChange;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jdk.jfr.Name;
import org.junit.jupiter.api.Test;

class TcpEventsTest {
  /** An event as another API may have it. */
  private static final class Fields extends EventFields {
    private final Instant time;
    private final Map<String, Object> values;

    Fields(long milliseconds, Map<String, Object> values) {
      this.time = Instant.EPOCH.plusMillis(milliseconds);
      this.values = values;
    }

    @Override
    public Instant startTime() {
      return time;
    }

    @Override
    public Instant endTime() {
      return time;
    }

    @Override
    public Object value(String field) {
      return values.get(field);
    }

    @Override
    public Duration durationOrNull(String field) {
      return values.get(field) instanceof Duration duration ? duration : null;
    }

    @Override
    public Instant time(String field) {
      return null;
    }

    @Override
    public String thread() {
      return null;
    }

    @Override
    public List<String> frames() {
      return List.of();
    }
  }

  private static String name(Class<?> type) {
    return type.getAnnotation(Name.class).value();
  }

  @Test
  void eventsAreHandedOverInOrder() {
    TcpEvents events = new TcpEvents();
    events.add(name(Connection.class), new Fields(9, Map.of("socketId", 1L, "established", true)));
    events.add(
        name(StateChange.class),
        new Fields(
            5, Map.of("socketId", 1L, "newState", "CLOSE", "timeInState", Duration.ofMillis(3))));
    events.add(
        name(StateChange.class),
        new Fields(2, Map.of("socketId", 1L, "newState", "SYN_SENT", "port", 443)));
    events.add(name(OpenSite.class), new Fields(8, Map.of("openSiteId", 7L)));
    List<String> calls = new ArrayList<>();
    events.replay(
        new TcpEventHandler() {
          @Override
          public void chunk(ChunkInfo chunk) {
            calls.add("from " + chunk.startTime().toEpochMilli());
            calls.add("until " + chunk.endTime().toEpochMilli());
          }

          @Override
          public void openSite(OpenSiteInfo site) {
            calls.add("site " + site.openSiteId());
          }

          @Override
          public void transition(Transition transition) {
            calls.add(
                transition.newState()
                    + " "
                    + transition.port()
                    + " "
                    + transition.timeInState().toMillis());
          }

          @Override
          public void connection(ConnectionInfo connection) {
            calls.add("ended " + connection.established() + " " + connection.handshakeTime());
          }
        });
    assertEquals(
        List.of("from 2", "until 9", "site 7", "SYN_SENT 443 0", "CLOSE 0 3", "ended true null"),
        calls);
  }

  @Test
  void noEventMakesNoCall() {
    new TcpEvents()
        .replay(
            new TcpEventHandler() {
              @Override
              public void chunk(ChunkInfo chunk) {
                throw new AssertionError(chunk);
              }
            });
  }

  @Test
  void otherTypesAreRefused() {
    assertTrue(TcpEvents.types().contains(name(StateChange.class)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new TcpEvents().add("jdk.SocketRead", new Fields(0, Map.of())));
  }
}
