// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.TestRecording;
import dev.tcpstates.agent.kernel.wire.Records;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.opener.FakeHooks;
import dev.tcpstates.agent.record.OpenerLookup;
import dev.tcpstates.agent.record.SiteDictionary;
import dev.tcpstates.agent.record.TextCache;
import dev.tcpstates.agent.record.Texts;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.ListenQueue;
import java.nio.ByteBuffer;
import java.util.List;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ListenQueuesTest {
  private static final int LISTENER = 6;

  private final FakeHooks hooks = new FakeHooks();
  private final TestRecording recording = TestRecording.of(ListenQueue.NAME);
  private final ListenQueues queues =
      new ListenQueues(
          new TextCache(Texts::address), new OpenerLookup(hooks.sockets, new SiteDictionary()));

  @AfterEach
  void close() {
    recording.close();
  }

  private static ByteBuffer listener(int socketId, int drops) {
    return Records.snapshot(socketId, TcpState.LISTEN, 0).putInt(SnapshotView.Offsets.DROPS, drops);
  }

  private void start(ByteBuffer... sockets) {
    queues.start(Records.snapshotOf(System.nanoTime(), sockets));
  }

  private void report(ByteBuffer... sockets) {
    queues.report(Records.snapshotOf(System.nanoTime(), sockets));
  }

  private List<Integer> drops() throws Exception {
    return recording.events(ListenQueue.NAME).stream().map(event -> event.getInt("drops")).toList();
  }

  @Test
  void dropsAreThoseSinceTheLastReport() throws Exception {
    start(listener(LISTENER, 10));
    report(listener(LISTENER, 13));
    report(listener(LISTENER, 13));
    report(listener(LISTENER, 20));
    assertEquals(List.of(3, 0, 7), drops());
  }

  @Test
  void theKernelsNumberMayWrap() throws Exception {
    start(listener(LISTENER, -2));
    report(listener(LISTENER, 3));
    assertEquals(List.of(5), drops());
  }

  @Test
  void ofANewListenerAllDropsCount() throws Exception {
    start();
    report(listener(LISTENER, 4));
    assertEquals(List.of(4), drops());
  }

  @Test
  void ofAListenerThatIsOlderThanTheAgentTheFirstNumberSaysNothing() throws Exception {
    start();
    byte older = SnapshotView.OLDER;
    report(listener(LISTENER, 4).put(SnapshotView.Offsets.FLAGS, older));
    report(listener(LISTENER, 5).put(SnapshotView.Offsets.FLAGS, older));
    assertEquals(List.of(0, 1), drops());
  }

  @Test
  void theEventHasTheFieldsOfTheListenerAndItsOpener() throws Exception {
    hooks.listen(LISTENER, "server");
    start();
    ByteBuffer listener =
        listener(LISTENER, 0)
            .putInt(SnapshotView.Offsets.RECEIVE_QUEUE, 3)
            .putInt(SnapshotView.Offsets.SEND_QUEUE, 50)
            .putShort(SnapshotView.Offsets.LOCAL_PORT, (short) 443);
    Records.address(listener, SnapshotView.Offsets.LOCAL_ADDR, "::");
    report(listener, Records.snapshot(LISTENER + 1, TcpState.ESTABLISHED, 0));
    List<RecordedEvent> events = recording.events(ListenQueue.NAME);
    assertEquals(1, events.size());
    RecordedEvent event = events.get(0);
    assertEquals(LISTENER, event.getLong("socketId"));
    assertEquals("::", event.getString("localAddress"));
    assertEquals(443, event.getInt("localPort"));
    assertEquals(3, event.getInt("queueLength"));
    assertEquals(50, event.getInt("queueLimit"));
    assertEquals("server", event.getString("openThread"));
    assertTrue(event.getString("openedBy").startsWith(FakeHooks.FRAMES));
  }
}
