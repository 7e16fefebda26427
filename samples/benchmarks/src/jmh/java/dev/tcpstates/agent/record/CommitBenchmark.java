// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import dev.tcpstates.agent.kernel.wire.FilledRing;
import dev.tcpstates.agent.opener.KnownSockets;
import dev.tcpstates.jfr.event.StateChange;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** From the ring to the recording: decode, join and commit, as the reader's thread does it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
// As the agent opens them to itself.
@Fork(
    jvmArgsAppend = {
      "--add-opens=java.base/java.io=ALL-UNNAMED",
      "--add-opens=java.base/java.lang=ALL-UNNAMED",
      "--add-opens=java.base/java.net=ALL-UNNAMED"
    })
public class CommitBenchmark {
  private static final int MOST_BYTES = 64 << 20;
  private static final int FIRST_SOCKET = 1;

  private final KnownSockets known = new KnownSockets();
  private final FilledRing ring = new FilledRing(FIRST_SOCKET);
  private Recording recording;
  private EventClock clock;
  private EventEmitter recorder;

  @Setup(Level.Trial)
  public void start() {
    recording = new Recording();
    recording.enable(StateChange.class);
    recording.setMaxSize(MOST_BYTES);
    recording.start();
    RecordTimes times = new RecordTimes();
    if (!times.transitions().usable() || !new StateChange().isEnabled()) {
      throw new IllegalStateException("nothing would be recorded");
    }
    clock = new EventClock(times.all());
    OpenerLookup openers = new OpenerLookup(known.sockets(), new SiteDictionary());
    recorder = new EventEmitter(known.sockets(), openers, times, clock);
    recorder.hooked();
  }

  /** The last ones ended with the records that were read. */
  @Setup(Level.Invocation)
  public void open() {
    known.open(FIRST_SOCKET, FIRST_SOCKET + FilledRing.RECORDS / 5);
    clock.calibrate();
  }

  @TearDown(Level.Trial)
  public void stop() {
    recording.close();
  }

  /** A transition. */
  @Benchmark
  @OperationsPerInvocation(FilledRing.RECORDS)
  public void transition() {
    ring.drain(recorder);
  }
}
