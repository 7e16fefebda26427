// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import dev.tcpstates.benchmarks.load.Load;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Sockets of a JVM that stay open, and the other JVMs that hold their other ends.
 *
 * <p>A process may have only so many descriptors. Of more sockets than that, the rest waits in the
 * accept queue of a listener: they are the JVM's for the kernel and for the agent's BPF programs,
 * and have no descriptor yet.
 */
final class OpenSockets implements AutoCloseable {
  /** For the JVM itself, and for the connections that come and go. */
  private static final int OTHER_DESCRIPTORS = 1_500;

  private final Bench bench;
  private final LoadJvm jvm;
  private final List<LoadJvm> peers = new ArrayList<>();
  private final int connected;
  private final int waiting;

  private OpenSockets(Bench bench, LoadJvm jvm, int connected, int waiting) {
    this.bench = bench;
    this.jvm = jvm;
    this.connected = connected;
    this.waiting = waiting;
  }

  /** Opens so many. */
  static OpenSockets of(Bench bench, LoadJvm jvm, int open)
      throws IOException, InterruptedException {
    int room = Limits.descriptors() - OTHER_DESCRIPTORS;
    int connected = Math.min(open, room);
    OpenSockets sockets = new OpenSockets(bench, jvm, connected, open - connected);
    try {
      sockets.open(room);
      return sockets;
    } catch (IOException | InterruptedException | RuntimeException e) {
      sockets.close();
      throw e;
    }
  }

  private void open(int room) throws IOException, InterruptedException {
    if (connected > 0) {
      jvm.ask("connect 127.0.0.1 " + peer().ask("accept") + " " + connected);
    }
    if (waiting > 0) {
      Limits.acceptQueues(bench, jvm, waiting);
      String port = jvm.ask("listen");
      for (int left = waiting; left > 0; left -= room) {
        LoadJvm peer = peer();
        String address = "127.0.1." + peers.size(); // each has 28,000 ports
        peer.ask("connect " + address + " " + port + " " + Math.min(left, room));
      }
    }
  }

  private LoadJvm peer() throws IOException, InterruptedException {
    LoadJvm peer =
        new LoadJvm.Builder(bench, Variant.NONE).beside(jvm).start(Load.class, "kind=none");
    peers.add(peer);
    return peer;
  }

  /** Says which have no descriptor, if some have none. */
  void tell(Results results) throws IOException {
    if (waiting > 0) {
      results.note(
          String.format(
              "a process may have %,d descriptors here: of %,d open sockets, %,d have one, and the"
                  + " others wait in an accept queue",
              Limits.descriptors(), connected + waiting, connected));
    }
  }

  @Override
  public void close() throws IOException {
    for (LoadJvm peer : peers) {
      peer.close();
    }
  }
}
