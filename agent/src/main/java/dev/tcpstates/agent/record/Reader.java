// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import dev.tcpstates.agent.bpf.BpfException;
import dev.tcpstates.agent.bpf.BpfSession;
import dev.tcpstates.agent.bpf.OpenView;
import dev.tcpstates.agent.bpf.Sockets;
import dev.tcpstates.agent.sockets.OpenSockets;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.StateChange;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import jdk.jfr.EventType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the kernel's records into the recording: on its own thread every few milliseconds, or when
 * the ring fills up, and at each edge of a chunk on JFR's thread, so that a dump holds everything
 * up to its own moment.
 *
 * <p>JFR calls {@link #catchUp} with its own lock held, so nothing here may call JFR's control
 * functions while it holds this object's; committing events takes no lock of JFR's.
 */
final class Reader implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Reader.class);

  /** Often enough that a ring of default size is emptied long before it is full. */
  private static final int RECORDING_MILLIS = 20;

  /** While nothing is recorded, there are only ends of sockets to read. */
  private static final int IDLE_MILLIS = 100;

  private final BpfSession session;
  private final OpenSockets sockets;
  private final EventClock clock;
  private final EventRecorder recorder;
  private final LossReporter losses = new LossReporter();
  private final EventType stateChange;
  private final EventType connection;

  private boolean transitions;
  private boolean connections;
  private boolean sweepAll;
  private long sweptAt = System.nanoTime();
  private volatile long cpuTime;
  private volatile boolean stopped;

  /**
   * @param times of the events by which JFR's clock is read
   */
  Reader(
      BpfSession session,
      OpenSockets sockets,
      SiteDictionary dictionary,
      EventTimes<StateChange> times) {
    this.session = session;
    this.sockets = sockets;
    this.clock = new EventClock(times);
    this.recorder = new EventRecorder(sockets, dictionary, times, clock);
    this.stateChange = EventType.getEventType(StateChange.class);
    this.connection = EventType.getEventType(Connection.class);
  }

  @Override
  public void run() {
    while (!stopped) {
      try {
        session.await(recording() ? RECORDING_MILLIS : IDLE_MILLIS);
        catchUp();
        cpuTime = Sockets.threadCpuTime();
      } catch (Throwable t) {
        // Once: what fails here would fail every few milliseconds.
        LOG.error("reading stopped; transitions from now on are missing from recordings", t);
        return;
      }
    }
  }

  /** Brings in every record up to now, and learns whether there will be more. On any thread. */
  synchronized void catchUp() {
    boolean wantTransitions = stateChange.isEnabled();
    boolean wantConnections = connection.isEnabled();
    if (wantTransitions != transitions || wantConnections != connections) {
      transitions = wantTransitions;
      connections = wantConnections;
      session.recording(transitions, connections);
    }
    if (transitions || connections) {
      clock.calibrate();
    }
    session.drain(recorder);
    sweepAll |= losses.report(session.losses());
    if (System.nanoTime() - sweptAt > TimeUnit.SECONDS.toNanos(OpenSockets.SWEEP_SECONDS)) {
      sweptAt = System.nanoTime();
      sockets.sweep(sweepAll);
      sweepAll = false;
    }
  }

  /**
   * Adopts the sockets that are open and whose opening no hook has told of. On any thread.
   *
   * @return whether one of them is a listener
   */
  synchronized boolean adoptOpenSockets() {
    boolean[] listener = new boolean[1];
    forEachOpenSocket(
        view -> {
          listener[0] |= view.adopted() && view.state() == TcpState.LISTEN.kernelValue();
          sockets.adopted(view.socketId(), view.fd(), view.state() != TcpState.CLOSE.kernelValue());
        });
    return listener[0];
  }

  /** From now on, the hooks have told of each socket that the kernel tells of. */
  synchronized void hooked() {
    recorder.hooked();
  }

  /** Tells the recording of all sockets that are open now. On any thread. */
  synchronized void listOpenSockets() {
    forEachOpenSocket(recorder::open);
  }

  private void forEachOpenSocket(Consumer<OpenView> action) {
    try {
      session.drain(recorder);
      session.openSockets(action);
    } catch (BpfException e) {
      LOG.warn("the sockets that are open can't be listed: {}", e.getMessage());
    }
  }

  private synchronized boolean recording() {
    return transitions || connections;
  }

  /** CPU time of the reader's thread in nanoseconds. */
  long cpuTime() {
    return cpuTime;
  }

  void stop() {
    stopped = true;
  }
}
