// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** From the ring to what an event needs. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DecodeBenchmark {
  private final FilledRing ring = new FilledRing(1);

  /** A transition: every field. */
  @Benchmark
  @OperationsPerInvocation(FilledRing.RECORDS)
  public void transition(Blackhole blackhole) {
    ring.drain(
        new RecordSink() {
          @Override
          public void transition(TransitionView t) {
            blackhole.consume(t.socketId());
            blackhole.consume(t.listenerId());
            blackhole.consume(t.time());
            blackhole.consume(t.oldSince());
            blackhole.consume(t.uncertainty());
            blackhole.consume(t.localAddress(0));
            blackhole.consume(t.localAddress(1));
            blackhole.consume(t.remoteAddress(0));
            blackhole.consume(t.remoteAddress(1));
            blackhole.consume(t.localPort());
            blackhole.consume(t.remotePort());
            blackhole.consume(t.oldState());
            blackhole.consume(t.newState());
            blackhole.consume(t.error());
            blackhole.consume(t.taskId());
            blackhole.consume(t.taskName(0));
            blackhole.consume(t.taskName(1));
          }

          @Override
          public void connection(ConnectionView connection) {
            throw new IllegalStateException("there is none");
          }

          @Override
          public void ended(long socketId, int oldState) {
            throw new IllegalStateException("there is none");
          }
        });
  }
}
