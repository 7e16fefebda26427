// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel;

import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.wire.FakeRing;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.kernel.wire.Records;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** A source whose records and sockets are the test's; it notes the calls and fails as asked. */
public final class FakeSource implements SocketSource {
  /** The calls, but for those of drain, in order. */
  public final List<String> calls = new CopyOnWriteArrayList<>();

  /** The sockets that the kernel has now, as records of snapshots. */
  public final List<ByteBuffer> sockets = new ArrayList<>();

  /** What the kernel's table holds besides them. */
  public final List<ByteBuffer> others = new ArrayList<>();

  /** The calls that the kernel refuses. */
  public final Set<String> refused = new HashSet<>();

  /** Whether the list of all sockets is complete. */
  public boolean complete = true;

  /** Whether {@link #reconcile} finds an end without a record. */
  public boolean endMissed;

  public Losses losses = Losses.NONE;

  /** Whether {@link #await} waits for {@link #wake} however long that takes. */
  public boolean sleepy;

  /** Called at the beginning of each drain, and of each listing. */
  public Runnable atDrain = () -> {};

  public Runnable atListing = () -> {};

  /** Whether the last list was to be made also if that takes long. */
  public boolean lastThorough;

  private final FakeRing ring = new FakeRing();
  private final Semaphore wakeups = new Semaphore(0);

  /** The kernel side writes a record. */
  public void submit(ByteBuffer record) {
    ring.submit(record);
  }

  private void call(String call) throws BpfException {
    calls.add(call);
    if (refused.contains(call)) {
      throw new BpfException(call + " refused by the test");
    }
  }

  /** How often something was called. */
  public long count(String call) {
    return calls.stream().filter(call::equals).count();
  }

  @Override
  public void recording(Set<RecordType> wanted) {
    calls.add("recording " + wanted);
  }

  @Override
  public void filter(Map<RecordType, SocketFilter> wanted) {
    calls.add("filter " + wanted);
  }

  @Override
  public void await(int millis) {
    calls.add("await");
    try {
      wakeups.tryAcquire(sleepy ? 60_000 : millis, TimeUnit.MILLISECONDS);
      wakeups.drainPermits();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void wake() {
    calls.add("wake");
    wakeups.release();
  }

  @Override
  public void ending() {
    calls.add("ending");
    wakeups.release();
  }

  @Override
  public void drain(RecordSink handler) {
    atDrain.run();
    ring.drain(handler);
  }

  @Override
  public void openSockets(Consumer<SnapshotView> handler) throws BpfException {
    call("openSockets");
    atListing.run();
    Records.forEach(sockets, handler);
  }

  @Override
  public SocketSnapshot ownSockets() throws BpfException {
    return list("ownSockets", sockets);
  }

  @Override
  public SocketSnapshot table() throws BpfException {
    List<ByteBuffer> all = new ArrayList<>(sockets);
    all.addAll(others);
    return list("table", all);
  }

  private SocketSnapshot list(String call, List<ByteBuffer> records) throws BpfException {
    call(call);
    long time = System.nanoTime();
    atListing.run();
    return Records.snapshotOf(time, records.toArray(new ByteBuffer[0]));
  }

  @Override
  public boolean adopt(int fd, long socketId) {
    calls.add("adopt " + fd + " " + socketId);
    return true;
  }

  @Override
  public boolean reconcile() throws BpfException {
    call("reconcile");
    return endMissed;
  }

  @Override
  public boolean forEachSocket(LongConsumer handler, boolean thorough) throws BpfException {
    call("forEachSocket");
    lastThorough = thorough;
    atListing.run();
    Records.forEach(sockets, socket -> handler.accept(socket.socketId()));
    return complete;
  }

  @Override
  public Losses losses() {
    return losses;
  }

  @Override
  public String missing() {
    return null;
  }

  @Override
  public long recordsRead() {
    return 0;
  }

  @Override
  public long bytesRead() {
    return 0;
  }

  @Override
  public long ringFill() {
    return 0;
  }

  @Override
  public long highestRingFill() {
    return 0;
  }

  @Override
  public int ringSize() {
    return 1 << 20;
  }

  @Override
  public String libbpfVersion() {
    return null;
  }

  @Override
  public int pid() {
    return 1;
  }

  @Override
  public void close() {
    calls.add("close");
  }
}
