// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What the option taskSubmits adds to each task that is submitted and run. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
// As the agent opens it to itself.
@Fork(jvmArgsAppend = "--add-opens=java.base/java.lang=ALL-UNNAMED")
public class TaskSubmitsBenchmark {
  private static final int STACK_DEPTH = 64;

  /** Frames below the submit. */
  @Param({"10", "40"})
  int frames;

  private final TaskSubmits submits =
      new ThreadStarts(STACK_DEPTH, new StackRule(List.of(), List.of())).taskSubmits();

  /** The submit, in a thread that has so many frames on its stack. */
  @Benchmark
  public Object submitAndRun() {
    Object task = new Object();
    submit(task, frames);
    submits.running(task);
    submits.ended();
    return task;
  }

  /** A task that is run and was never seen to be submitted: as each wake-up of a virtual thread. */
  @Benchmark
  public Object runUnknown() {
    Object task = new Object();
    submits.running(task);
    submits.ended();
    return task;
  }

  private void submit(Object task, int below) {
    if (below > 1) {
      submit(task, below - 1);
    } else {
      submits.submitted(task);
    }
  }
}
