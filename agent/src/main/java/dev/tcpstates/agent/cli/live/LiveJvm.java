// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.live;

import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.DataLoss;
import dev.tcpstates.jfr.JvmInfo;
import dev.tcpstates.jfr.RetransmitInfo;
import dev.tcpstates.jfr.TcpEventHandler;
import dev.tcpstates.jfr.ThroughputInfo;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.read.TcpRecordings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import jdk.jfr.consumer.EventStream;

/**
 * Follows a running JVM. It attaches the agent, if the JVM does not have it, and starts a separate
 * recording. It reads the chunks that JFR writes to disk each second, so it opens no port. At the
 * end (Ctrl-C, a signal, or the JVM's end) it restores the JVM to its state before.
 */
public final class LiveJvm {
  /** The most that JFR keeps on disk for this recording. */
  private static final String MAX_SIZE = "32M";

  /** The time for JFR to write the rest when the JVM ends. */
  private static final int LAST_MILLIS = 1500;

  /** JFR flushes each second. */
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final long pid;
  private final RunningJvm jvm;
  private final LiveSession session;

  public LiveJvm(Path jar, long pid) {
    this.pid = pid;
    this.jvm = new RunningJvm(pid);
    this.session = new LiveSession(jar, jvm, null);
  }

  /**
   * Handles the events from now on.
   *
   * @param settings of the required events, such as {@code tcpstates.StateChange#enabled=true}
   * @param out what the handler writes to; flushed after each read
   * @return {@link Exit#OK}, after the JVM's end
   */
  public int follow(List<String> settings, TcpEventHandler handler, Output out) {
    Thread hook = new Thread(() -> interrupted(out), "tcpstates-end");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      session.start(List.of("maxsize=" + MAX_SIZE), settings(settings));
      follow(handler, out);
    } finally {
      session.close();
      forget(hook);
    }
    return Exit.OK;
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending, and the hook runs.
    }
  }

  private static List<String> settings(List<String> settings) {
    List<String> all = new ArrayList<>(settings);
    all.add("tcpstates.RecordsLost#enabled=true");
    all.add(DataLoss.NAME + "#enabled=true");
    return all;
  }

  private void follow(TcpEventHandler handler, Output out) {
    CountDownLatch end = new CountDownLatch(1);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Notices notices = new Notices();
    Properties properties = jvm.systemProperties();
    handler.jvm(info(properties));
    jvm.onExit(end::countDown);
    Flushed flushed = new Flushed(out, notices);
    LivePosition position = new LivePosition(repository(properties), Instant.now());
    System.err.println("following process " + pid + "; Ctrl-C ends it");
    try {
      while (end.getCount() > 0) {
        try (EventStream stream = EventStream.openRepository(position.repository())) {
          stream.setStartTime(position.from());
          stream.onError(
              error -> {
                failure.compareAndSet(null, error);
                end.countDown();
              });
          TcpRecordings.follow(stream, handler, notices, flushed);
          stream.startAsync();
          position = awaitEndOrMove(end, flushed, position);
        }
      }
      if (failure.get() == null) {
        System.err.println(
            "process " + pid + " has ended; events of its last second may be missing here");
      }
    } catch (IOException e) {
      throw new CommandException(Exit.INPUT, "can't read what JFR writes: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (failure.get() instanceof RuntimeException e) {
      throw e;
    }
  }

  /**
   * Waits for the end, or until JFR writes where the stream doesn't read: after JFR.configure
   * repositorypath=, and at the end of the first chunk there.
   *
   * @return where to go on reading
   */
  private LivePosition awaitEndOrMove(CountDownLatch end, Flushed flushed, LivePosition position)
      throws InterruptedException, IOException {
    flushed.time = System.nanoTime();
    while (!end.await(1, TimeUnit.SECONDS)) {
      if (System.nanoTime() - flushed.time > SILENCE_NANOS) {
        LivePosition next = position.next(repository(jvm.systemProperties()), flushed.lastEvent);
        if (next != null) {
          return next;
        }
      }
    }
    Thread.sleep(LAST_MILLIS);
    return position;
  }

  /** Runs whenever all events that JFR has written are handled. */
  private static final class Flushed implements TcpEventHandler {
    private final Output out;
    private final Notices notices;
    volatile long time;
    volatile Instant lastEvent = Instant.EPOCH;

    Flushed(Output out, Notices notices) {
      this.out = out;
      this.notices = notices;
    }

    @Override
    public void transition(Transition transition) {
      handled(transition.endTime());
    }

    @Override
    public void connection(ConnectionInfo connection) {
      handled(connection.endTime());
    }

    @Override
    public void retransmit(RetransmitInfo retransmit) {
      handled(retransmit.time());
    }

    @Override
    public void throughput(ThroughputInfo throughput) {
      handled(throughput.time());
    }

    private void handled(Instant event) {
      lastEvent = event.isAfter(lastEvent) ? event : lastEvent;
    }

    @Override
    public void flushed() {
      time = System.nanoTime();
      out.flush();
      notices.printLosses();
    }
  }

  private JvmInfo info(Properties properties) {
    String command = properties.getProperty("sun.java.command", "");
    return new JvmInfo(
        pid,
        null,
        properties.getProperty("java.vm.version"),
        command.isBlank() ? null : command.split(" ", 2)[0]);
  }

  /** Returns the path of the JVM's JFR repository from here: that JVM may be in a container. */
  private Path repository(Properties properties) {
    String path = properties.getProperty("jdk.jfr.repository");
    if (path == null) {
      throw new CommandException(
          Exit.FAILED, "process " + pid + " does not say where JFR writes to");
    }
    return jvm.seenFromHere(Path.of(path));
  }

  /** Ends on a signal: handles no more events, and exits with success. */
  private void interrupted(Output out) {
    session.close();
    try {
      out.flush();
    } catch (RuntimeException e) {
      // The reading program has ended.
    }
    Runtime.getRuntime().halt(Exit.OK);
  }
}
