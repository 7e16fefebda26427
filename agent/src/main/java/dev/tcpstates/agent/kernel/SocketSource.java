// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel;

import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongUnaryOperator;

/**
 * Where the agent takes this JVM's sockets from, and what happens to them. Thread-safe; once
 * closed, it gives no records and no sockets.
 */
public interface SocketSource extends AutoCloseable {
  /**
   * Time from one poll of the sockets to the next in ns, while something is recorded; 0 if the
   * kernel reports each transition.
   */
  default long pollNanos() {
    return 0;
  }

  /**
   * Says how to learn which sockets the hooks have reported. To be called before anything is
   * recorded.
   *
   * @param openedAt when Java code opened the socket with a cookie, in ns of {@code
   *     System.nanoTime()}; 0 if no hook has reported it, or its end was reported. Called by the
   *     threads that call this source, never by {@link #adopt} and {@link #await}
   */
  default void openers(LongUnaryOperator openedAt) {}

  /** Says which records are wanted; ownership and gauges go on all the same. */
  void recording(Set<RecordType> wanted);

  /**
   * Says of which sockets there are records.
   *
   * @param wanted of each kind of record; of one that is missing, all are included
   */
  void filter(Map<RecordType, SocketFilter> wanted);

  /** Waits for records that must be read soon, for {@link #wake}, or for so many milliseconds. */
  void await(int millis);

  /** Ends {@link #await}, now or when it begins. */
  void wake();

  /** The JVM is about to end: what is asked for from now on may be the last. */
  void ending();

  /** Hands over every record up to now. */
  void drain(RecordSink handler);

  /**
   * Hands over every socket that a descriptor of this process refers to and that has not ended; and
   * adopts those that were not this JVM's yet.
   *
   * @throws BpfException if the kernel refuses
   */
  void openSockets(Consumer<SnapshotView> handler) throws BpfException;

  /**
   * This JVM's sockets as they are now. Those without a descriptor may be from up to a few seconds
   * ago, where the kernel's table of sockets is very large.
   *
   * @return {@code null} if they can't be listed, or the source is closed
   * @throws BpfException if the kernel refuses
   */
  SocketSnapshot ownSockets() throws BpfException;

  /**
   * What the kernel's table holds of the network namespace of the calling thread: the same sockets,
   * request socks of their listeners, and what is in TIME_WAIT, of anybody.
   *
   * @return {@code null} if that can't be listed, or the source is closed
   * @throws BpfException if the kernel refuses
   */
  SocketSnapshot table() throws BpfException;

  /**
   * Makes a socket this JVM's, if it is not: it waited in the accept queue of a listener that was
   * adopted. Waits for nobody, for the application calls it.
   *
   * @return whether it was not
   */
  boolean adopt(int fd, long socketId);

  /**
   * Finds the sockets whose end the kernel ran no program for, for the losses and the gauges.
   *
   * @return whether there is any
   * @throws BpfException if the kernel refuses
   */
  boolean reconcile() throws BpfException;

  /**
   * Hands over the cookies of all sockets of this JVM that are in use and have not ended, with a
   * descriptor or without.
   *
   * @param thorough whether to list them also if that takes long
   * @return whether these are all
   * @throws BpfException if the kernel refuses
   */
  boolean forEachSocket(LongConsumer handler, boolean thorough) throws BpfException;

  /** What was lost since the start. */
  Losses losses();

  /** What can't be recorded and why; {@code null} if all can. */
  String missing();

  /** Records read so far. */
  long recordsRead();

  /** Bytes of records that were read so far, with the kernel's headers. */
  long bytesRead();

  /** Bytes of records that wait to be read. */
  long ringFill();

  /** Most bytes of records that were found waiting since the last call. */
  long highestRingFill();

  /** How many bytes of records can wait. */
  int ringSize();

  /** The version of libbpf in use; {@code null} if none is. */
  String libbpfVersion();

  /** This process, in its own PID namespace. */
  int pid();

  /** Gives all back. No thread may be in {@link #await} any more. */
  @Override
  void close();
}
