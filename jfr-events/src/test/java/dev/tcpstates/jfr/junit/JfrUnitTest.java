// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import static dev.tcpstates.jfr.junit.TcpAssert.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.moditect.jfrunit.ExpectedEvent.event;
import static org.moditect.jfrunit.JfrEventsAssert.assertThat;

import dev.tcpstates.jfr.event.StateChange;
import dev.tcpstates.jfr.junit.FakeSocket.Site;
import org.junit.jupiter.api.Test;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.moditect.jfrunit.EnableEvent;
import org.moditect.jfrunit.JfrEventTest;
import org.moditect.jfrunit.JfrEvents;

/** JfrUnit, which streams events into the test, and the extension in one test. */
@SuppressWarnings("try") // that an agent is there is all it is for
public class JfrUnitTest {
  /** Public, for JfrUnit looks into it. */
  @TcpStates
  @JfrEventTest
  public static class WithBoth {
    public JfrEvents events = new JfrEvents();

    @Test
    @EnableEvent(StateChange.NAME)
    public void connects(TcpConnections tcp) {
      FakeSocket.connected(Site.CLIENT, 80).to("FIN_WAIT1").ends("FIN", null);
      assertThat(tcp).connectsExactly(1).leavesNoSocketOpen();
      events.awaitEvents();
      assertThat(events).contains(event(StateChange.NAME).with("newState", "ESTABLISHED"));
      assertThat(tcp).connectsExactly(1);
    }
  }

  @Test
  void worksBeside() {
    try (FakeAgent agent = new FakeAgent()) {
      EngineTestKit.engine("junit-jupiter")
          .selectors(selectClass(WithBoth.class))
          .execute()
          .testEvents()
          .assertStatistics(statistics -> statistics.succeeded(1));
    }
  }
}
