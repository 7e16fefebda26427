// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.function.Consumer;

/** What is used of libbpf and the kernel; the seam where tests put a fake. */
public interface LibBpf {
  /** A call that failed, with the kernel's reason. */
  final class CallFailed extends Exception {
    private static final long serialVersionUID = 1L;
    private static final int LONGEST_LOG_LINE = 200;

    public final int errno;
    public final String log;

    /**
     * @param call what failed, as a user would say it
     * @param errno a positive error number
     * @param log the verifier's words, or an empty string
     */
    public CallFailed(String call, int errno, String log) {
      super(call + ": " + Errno.name(errno));
      this.errno = errno;
      this.log = log;
    }

    /** Returns the call, the error's name, and the verifier's reason if there is one. */
    public String brief() {
      String reason = verifierReason();
      return reason.isEmpty() ? getMessage() : getMessage() + ", the verifier says: " + reason;
    }

    /**
     * The last line of the log that is not the verifier's count of its own work. Empty if the error
     * is none of the verifier's: the log is then of a program that it accepted.
     */
    private String verifierReason() {
      if (errno == Errno.EPERM || Errno.isShortage(errno)) {
        return "";
      }
      String reason =
          log.lines()
              .map(String::strip)
              .filter(line -> !line.isEmpty() && !line.startsWith("processed "))
              .reduce("", (first, last) -> last)
              .replace("; ", ", ");
      return reason.length() > LONGEST_LOG_LINE
          ? reason.substring(0, LONGEST_LOG_LINE) + "..."
          : reason;
    }
  }

  /** Programs and maps of one object file. */
  interface LoadedObject {
    /** Before {@link #load}: how many entries a map has; of a ring buffer, its size in bytes. */
    void setMaxEntries(String map, int entries) throws CallFailed;

    /** Before {@link #load}: leaves a program out. */
    void leaveOut(String program) throws CallFailed;

    /** Before {@link #load}: uses another object's map instead of one of its own. */
    void useMap(String map, int fd) throws CallFailed;

    /**
     * @param what for the message of a failure
     */
    void load(String what) throws CallFailed;

    /** Before {@link #load}: a map that is like those that a map of maps is to hold. */
    void setInnerMap(String map, int fd) throws CallFailed;

    /** After {@link #load}: the descriptor of a program. */
    int programFd(String program) throws CallFailed;

    /** After {@link #load}: the descriptor of a map. */
    int mapFd(String map) throws CallFailed;

    /** Attaches a program; returns the descriptor of the link, which is closed with this object. */
    int attach(String program) throws CallFailed;

    /**
     * Attaches an iterator to this process's tasks, or where the kernel is too old for that (before
     * 6.1), to all.
     */
    Listing attachTaskIterator(String program) throws CallFailed;

    /** Attaches an iterator of another kind. */
    Listing attachIterator(String program) throws CallFailed;

    /**
     * Closes the descriptors of the programs and maps, once all is attached. What is attached and
     * what is mapped stays. Only {@link #close} may follow.
     */
    void releaseDescriptors();

    /** Detaches, unloads and frees, whatever of it was done. */
    void close();
  }

  /** The version in use, such as {@code v1.1}. */
  String version();

  /**
   * @param image the object file, in a direct buffer that lives as long as the result
   */
  LoadedObject open(ByteBuffer image, String... programs) throws CallFailed;

  /** The types of the running kernel, by its own description (BTF). */
  interface KernelTypes {
    /** Whether there is a typedef of this name. */
    boolean has(String typedef);

    /** Whether a structure has a field, by itself or in an unnamed structure or union. */
    boolean hasField(String struct, String field);

    /** The names in an enumeration, by value; empty if there is no such enumeration. */
    Map<Integer, String> enumeration(String name);

    void close();
  }

  KernelTypes kernelTypes() throws CallFailed;

  /** Returns another descriptor of the same file. */
  int duplicate(int fd) throws CallFailed;

  /** Closes a descriptor. */
  void close(int fd);

  /** Gives a socket a value in a socket storage map, unless it has one. */
  boolean putIfAbsent(int map, int socket, byte[] value);

  /** This process, in its own PID namespace. */
  int pid();

  /**
   * The highest number that a CPU of this machine can have while it runs, and one more. The numbers
   * below it may have gaps.
   */
  int possibleCpus() throws CallFailed;

  /** Bytes of a page of memory. */
  int pageSize();

  /** Returns the length of the kernel's tick, in which it keeps some times, in ns. */
  int tickNanos();

  /** Maps a part of a map's memory. */
  ByteBuffer memory(int fd, long offset, long length, boolean writable) throws CallFailed;

  /** Gives mapped memory back; whoever touches it from then on crashes the process. */
  void unmap(ByteBuffer memory);

  /** An iterator that can be read again and again. */
  interface Listing {
    /** Runs the iterator, and hands over what it writes, in pieces. */
    void read(Consumer<ByteBuffer> pieces) throws CallFailed;
  }

  /**
   * Returns an iterator that is read by opening its file.
   *
   * @param file a descriptor of the file, opened with O_PATH
   */
  Listing listing(String program, int file);

  /** Waits for a wake-up, by a ring buffer or by another thread. */
  interface Wakeups {
    /** Returns at a wake-up, or after at most so many milliseconds. */
    void await(int millis);

    /** Wakes who waits, or who does so next. */
    void wake();

    void close();
  }

  Wakeups wakeups(int ringFd) throws CallFailed;
}
