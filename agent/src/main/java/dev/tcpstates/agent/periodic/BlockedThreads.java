// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The threads of this process that wait for sockets in a system call, by {@code
 * /proc/self/task/<id>/syscall}. The kernel neither stops nor wakes a thread for that. Not
 * thread-safe.
 */
class BlockedThreads {
  /**
   * A thread that waits.
   *
   * @param socketIds the cookies of the sockets that its system call is for, of any protocol
   */
  record Blocked(long osThreadId, String systemCall, List<Long> socketIds) {}

  private static final String TASKS = "/proc/self/task";

  /** Larger than the file: nine numbers. */
  private static final int LINE = 256;

  /** {@code struct pollfd}: the descriptor, then two shorts. */
  private static final int POLLFD = 8;

  private static final int MOST_POLLED = 4096;

  /** Of an epoll instance; the mask is 0 once a one-shot event has come. */
  private static final Pattern WATCHED =
      Pattern.compile(
          "^tfd: *(\\d+) events: *(\\p{XDigit}+) .* ino:(\\p{XDigit}+)", Pattern.MULTILINE);

  private static final String EVENTPOLL = "anon_inode:[eventpoll]";
  private static final int EPOLLIN = 1;
  private static final int EPOLLPRI = 2;
  private static final int EPOLLOUT = 4;

  private enum Argument {
    DESCRIPTOR,
    POLL_ARRAY,
    EPOLL
  }

  private record Call(String name, Argument first) {}

  /** Linux's numbers, by {@code os.arch}: asm/unistd_64.h and asm-generic/unistd.h. */
  private static final Map<String, Map<Integer, Call>> CALLS =
      Map.of(
          "amd64",
          calls(
              "0 read, 1 write, 19 readv, 20 writev, 40 sendfile, 42 connect, 43 accept,"
                  + " 44 sendto, 45 recvfrom, 46 sendmsg, 47 recvmsg, 288 accept4",
              "7 poll, 271 ppoll",
              "232 epoll_wait, 281 epoll_pwait, 441 epoll_pwait2"),
          "aarch64",
          calls(
              "63 read, 64 write, 65 readv, 66 writev, 71 sendfile, 202 accept, 203 connect,"
                  + " 206 sendto, 207 recvfrom, 211 sendmsg, 212 recvmsg, 242 accept4",
              "73 ppoll",
              "22 epoll_pwait, 441 epoll_pwait2"));

  private static Map<Integer, Call> calls(String descriptor, String pollArray, String epoll) {
    Map<Integer, Call> calls = new HashMap<>();
    add(calls, descriptor, Argument.DESCRIPTOR);
    add(calls, pollArray, Argument.POLL_ARRAY);
    add(calls, epoll, Argument.EPOLL);
    return calls;
  }

  private static void add(Map<Integer, Call> calls, String named, Argument first) {
    for (String call : named.split(",")) {
      String[] words = call.strip().split(" ");
      calls.put(Integer.valueOf(words[0]), new Call(words[1], first));
    }
  }

  private final Map<Integer, Call> calls =
      CALLS.getOrDefault(System.getProperty("os.arch"), Map.of());
  private final byte[] line = new byte[LINE];

  /** Of the look that is going on. */
  private final Map<Integer, Set<Long>> polled = new HashMap<>();

  /** Returns why the kernel does not say in which system call a thread is; null if it does. */
  String problem() {
    if (calls.isEmpty()) {
      return "the numbers of system calls are unknown on " + System.getProperty("os.arch");
    }
    String problem = TASKS + " can't be listed";
    for (String thread : threads()) {
      try {
        state(thread);
        return null;
      } catch (IOException e) {
        problem = e.getMessage(); // unless the thread has ended meanwhile
      }
    }
    return problem;
  }

  /**
   * Returns the threads that wait for a socket.
   *
   * @param cookies gives the cookie of the socket that a descriptor refers to, 0 if it is none
   */
  List<Blocked> list(IntToLongFunction cookies) {
    polled.clear();
    List<Blocked> blocked = new ArrayList<>();
    for (String thread : threads()) {
      try {
        String state = state(thread);
        String[] words = state.split(" ");
        // A thread that runs, or waits outside of system calls, has no number, or a negative one.
        Call call = words.length < 3 ? null : calls.get(Integer.parseInt(words[0]));
        if (call != null) {
          List<Long> sockets = new ArrayList<>(sockets(call.first, words, cookies));
          // If arguments and stack are the same as before, what was read belongs to the call.
          if (!sockets.isEmpty() && state(thread).equals(state)) {
            blocked.add(new Blocked(Long.parseLong(thread), call.name, sockets));
          }
        }
      } catch (IOException | NumberFormatException e) {
        // The thread has ended, or what it waits for has been closed meanwhile.
      }
    }
    return blocked;
  }

  /** Returns the ids of this process's threads. */
  String[] threads() {
    String[] threads = new File(TASKS).list();
    return threads == null ? new String[0] : threads;
  }

  /** Returns the content of a thread's {@code syscall} file. */
  String state(String thread) throws IOException {
    try (FileInputStream in = new FileInputStream(TASKS + "/" + thread + "/syscall")) {
      int length = in.read(line);
      return new String(line, 0, Math.max(0, length), StandardCharsets.US_ASCII).strip();
    }
  }

  private Set<Long> sockets(Argument first, String[] words, IntToLongFunction cookies)
      throws IOException {
    long argument = Long.decode(words[1]);
    return switch (first) {
      case DESCRIPTOR -> sockets(List.of((int) argument), cookies);
      case POLL_ARRAY ->
          sockets(pollArray(argument, (int) Math.min(Long.decode(words[2]), MOST_POLLED)), cookies);
      case EPOLL -> polled((int) argument, cookies);
    };
  }

  private static Set<Long> sockets(List<Integer> descriptors, IntToLongFunction cookies) {
    Set<Long> sockets = new LinkedHashSet<>();
    for (int descriptor : descriptors) {
      sockets.add(cookies.applyAsLong(descriptor));
    }
    sockets.remove(0L);
    return sockets;
  }

  private Set<Long> polled(int epoll, IntToLongFunction cookies) throws IOException {
    Set<Long> known = polled.get(epoll);
    if (known == null) {
      List<Integer> sockets = new ArrayList<>();
      watched(epoll, sockets, true);
      known = sockets(sockets, cookies);
      polled.put(epoll, known);
    }
    return known;
  }

  /**
   * Adds the sockets that an epoll instance watches for payload or for room to write. Some threads
   * of the JDK wait for epoll instances, on which virtual threads wait.
   */
  private void watched(int epoll, List<Integer> sockets, boolean nested) throws IOException {
    Matcher watched = WATCHED.matcher(fdInfo(epoll));
    while (watched.find()) {
      if ((Long.parseLong(watched.group(2), 16) & (EPOLLIN | EPOLLPRI | EPOLLOUT)) == 0) {
        continue;
      }
      // The kernel shows the descriptor that was added. It may be another file's now.
      int descriptor = Integer.parseInt(watched.group(1));
      String file = file(descriptor);
      if (file.equals("socket:[" + Long.parseLong(watched.group(3), 16) + "]")) {
        sockets.add(descriptor);
      } else if (nested && file.equals(EVENTPOLL)) {
        watched(descriptor, sockets, false);
      }
    }
  }

  private List<Integer> pollArray(long address, int length) throws IOException {
    ByteBuffer array = ByteBuffer.wrap(memory(address, length * POLLFD));
    array.order(ByteOrder.nativeOrder());
    List<Integer> descriptors = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      int fd = array.getInt(i * POLLFD);
      if (fd >= 0) {
        descriptors.add(fd);
      }
    }
    return descriptors;
  }

  /**
   * Returns a part of this process's memory. The file fails where a pointer would crash the JVM.
   */
  byte[] memory(long address, int length) throws IOException {
    byte[] bytes = new byte[length];
    try (RandomAccessFile memory = new RandomAccessFile("/proc/self/mem", "r")) {
      memory.seek(address);
      memory.readFully(bytes);
    }
    return bytes;
  }

  /** Returns what the kernel says about a descriptor. */
  String fdInfo(int fd) throws IOException {
    try (FileInputStream in = new FileInputStream("/proc/self/fdinfo/" + fd)) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  /** Returns what a descriptor refers to, an empty text if it is closed. */
  String file(int fd) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
    } catch (IOException e) {
      return "";
    }
  }
}
