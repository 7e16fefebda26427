// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import dev.tcpstates.agent.boot.SocketHooks;
import dev.tcpstates.agent.bpf.BpfSession;
import dev.tcpstates.agent.bpf.Losses;
import dev.tcpstates.agent.bpf.Sockets;
import dev.tcpstates.agent.sockets.OpenSite;
import dev.tcpstates.agent.sockets.OpenSockets;
import dev.tcpstates.jfr.event.AgentState;
import dev.tcpstates.jfr.event.RecordsLost;
import dev.tcpstates.jfr.event.SocketOpen;
import dev.tcpstates.jfr.event.StateChange;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;

/**
 * The agent's side of JFR: registers the event types and their hooks, and holds what they report.
 * With no kernel side it still tells every recording why.
 */
public final class Recorder {
  private final SiteDictionary dictionary = new SiteDictionary();
  private final OpenSockets sockets;
  private final String options;
  private final String version;
  private final long ringSize;
  private volatile String hooks = "";
  private volatile String reason = "not started";
  private volatile BpfSession session;
  private volatile Reader reader;
  private volatile EventClock clock;

  /**
   * Registers the event types.
   *
   * @param options as they took effect
   */
  public Recorder(int stackDepth, long ringSize, String options, String version) {
    this.options = options;
    this.version = version;
    this.ringSize = ringSize;
    this.sockets = new OpenSockets(stackDepth, Sockets::cookie, this::socketOpened);
    FlightRecorder.register(StateChange.class);
    FlightRecorder.register(SocketOpen.class);
    FlightRecorder.register(dev.tcpstates.jfr.event.OpenSite.class);
    FlightRecorder.register(RecordsLost.class);
    FlightRecorder.register(AgentState.class);
    FlightRecorder.addPeriodicEvent(AgentState.class, this::reportState);
    FlightRecorder.addPeriodicEvent(dev.tcpstates.jfr.event.OpenSite.class, this::reportSites);
  }

  /** Who opened what; to be told by the hooks. */
  public OpenSockets sockets() {
    return sockets;
  }

  /** There is no kernel side. */
  public void notAttached(String why) {
    reason = why;
  }

  /** What the recordings shall say about the hooks. */
  public void hooks(String text) {
    hooks = text;
  }

  /** Starts to read the kernel's records, on a daemon thread. */
  public void start(BpfSession newSession) {
    clock = new EventClock();
    reader =
        new Reader(
            newSession, sockets, dictionary, clock, EventType.getEventType(StateChange.class));
    session = newSession;
    reason = null;
    Thread thread = new Thread(null, reader, "tcpstates reader", 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    thread.start();
  }

  /** Called at each edge of a chunk. */
  private void reportSites() {
    catchUp();
    dictionary.edge(sockets.sites());
  }

  private void catchUp() {
    Reader reading = reader;
    if (reading != null) {
      reading.catchUp();
    }
  }

  private void socketOpened(long socketId, OpenSite site) {
    SocketOpen event = new SocketOpen();
    if (event.isEnabled()) {
      event.socketId = socketId;
      event.kind = site.kind();
      event.openSiteId = site.id();
      dictionary.used(site);
      event.commit();
    }
  }

  /** Called at each edge of a chunk; what the kernel still holds belongs before it. */
  private void reportState() {
    catchUp();
    BpfSession attached = session;
    Losses losses = attached == null ? Losses.NONE : attached.losses();
    AgentState event = new AgentState();
    event.attached = attached != null;
    event.reason = reason;
    event.options = options;
    event.version = version;
    event.kernel = System.getProperty("os.version");
    event.libbpf = attached == null ? null : attached.libbpfVersion();
    event.clock = clock != null && clock.usable() ? "KERNEL" : "COMMIT";
    event.openSockets = sockets.size();
    event.openSites = sockets.sites().all().size();
    event.records = attached == null ? 0 : attached.recordsRead();
    event.lost =
        (int) (losses.ringFull() + losses.skipped() + losses.noMemory() + losses.unreadable());
    event.suppressedErrors = SocketHooks.suppressedErrors();
    event.cpuTime = reader == null ? 0 : reader.cpuTime();
    event.ringSize = ringSize;
    event.hooks = hooks;
    event.commit();
  }
}
