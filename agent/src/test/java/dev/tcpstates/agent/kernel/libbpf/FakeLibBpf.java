// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

import dev.tcpstates.agent.kernel.wire.Layout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A libbpf that notes the calls, keeps maps in plain memory, and fails where a test says so. */
public final class FakeLibBpf implements LibBpf {
  static final int CPUS = 3;

  public final List<String> calls = new ArrayList<>();
  public final ByteBuffer control = ByteBuffer.allocateDirect(4096).order(ByteOrder.nativeOrder());
  final ByteBuffer counters =
      ByteBuffer.allocateDirect(CPUS * Layout.CpuCounters.BYTES).order(ByteOrder.nativeOrder());

  /** Each time an iterator was read. */
  final List<String> walked = new ArrayList<>();

  public final Set<String> typedefs =
      new HashSet<>(
          Set.of(
              "btf_trace_tcp_retransmit_skb",
              "btf_trace_tcp_retransmit_synack",
              "btf_trace_tcp_send_reset",
              "btf_trace_tcp_receive_reset"));
  public Map<Integer, String> enumeration = Map.of();
  public final Set<String> lackedFields = new HashSet<>();
  public String failAt = "";

  /** Programs that the kernel does not take. */
  public final Set<String> refusedPrograms = new HashSet<>();

  public int errno;
  public String log = "";

  private void call(String call) throws CallFailed {
    calls.add(call);
    if (call.equals(failAt)) {
      throw new CallFailed(call, errno, log);
    }
  }

  @Override
  public String version() {
    return "v9.9";
  }

  @Override
  public KernelTypes kernelTypes() {
    return new KernelTypes() {
      @Override
      public boolean has(String typedef) {
        return typedefs.contains(typedef);
      }

      @Override
      public boolean hasField(String struct, String field) {
        return !lackedFields.contains(struct + "." + field);
      }

      @Override
      public Map<Integer, String> enumeration(String name) {
        return name.equals("sk_rst_reason") ? enumeration : Map.of();
      }

      @Override
      public void close() {}
    };
  }

  /** A program counts on one CPU. */
  public void count(int cpu, int counter, long by) {
    int at = cpu * Layout.CpuCounters.BYTES + counter;
    counters.putLong(at, counters.getLong(at) + by);
  }

  @Override
  public boolean putIfAbsent(int map, int socket, byte[] value) {
    return false;
  }

  @Override
  public int pid() {
    return (int) ProcessHandle.current().pid();
  }

  @Override
  public int possibleCpus() {
    return CPUS;
  }

  @Override
  public int tickNanos() {
    return 4_000_000;
  }

  @Override
  public int pageSize() {
    return 4096;
  }

  @Override
  public LoadedObject open(ByteBuffer image, String... programs) throws CallFailed {
    call("open");
    List<String> leftOut = new ArrayList<>();
    return new LoadedObject() {
      @Override
      public void setMaxEntries(String map, int entries) throws CallFailed {
        call("size " + map + " " + entries);
      }

      @Override
      public void leaveOut(String program) {
        leftOut.add(program);
      }

      @Override
      public void useMap(String map, int fd) throws CallFailed {
        call("use " + map);
      }

      @Override
      public void load(String what) throws CallFailed {
        call("load");
        if (!leftOut.containsAll(refusedPrograms)) {
          throw new CallFailed("loading " + what, errno, log);
        }
      }

      @Override
      public int mapFd(String map) {
        return switch (map) {
          case "control" -> 1;
          case "ports" -> 3;
          case "counters" -> 4;
          default -> 2;
        };
      }

      @Override
      public int attach(String program) throws CallFailed {
        call("attach " + program);
        return 5;
      }

      @Override
      public void setInnerMap(String map, int fd) throws CallFailed {
        call("maps in " + map + " are like " + fd);
      }

      @Override
      public int programFd(String program) {
        return 6;
      }

      @Override
      public Listing attachTaskIterator(String program) throws CallFailed {
        return attachIterator(program);
      }

      @Override
      public Listing attachIterator(String program) throws CallFailed {
        call("iterate " + program);
        return pieces -> {
          walked.add(program);
          call("read " + program);
        };
      }

      @Override
      public void releaseDescriptors() {
        calls.add("release");
      }

      @Override
      public void close() {
        calls.add("close");
      }
    };
  }

  @Override
  public int duplicate(int fd) throws CallFailed {
    call("duplicate " + fd);
    return fd + 1000;
  }

  @Override
  public void close(int fd) {
    calls.add("close " + fd);
  }

  @Override
  public ByteBuffer memory(int fd, long offset, long length, boolean writable) throws CallFailed {
    call("map " + fd + " at " + offset + (writable ? " to write" : ""));
    return switch (fd) {
      case 1 -> control;
      case 4 -> counters;
      default -> ByteBuffer.allocateDirect((int) length).order(ByteOrder.nativeOrder());
    };
  }

  @Override
  public Listing listing(String program, int file) {
    return pieces -> call("read " + program);
  }

  @Override
  public void unmap(ByteBuffer memory) {
    calls.add("unmap " + memory.capacity());
  }

  @Override
  public Wakeups wakeups(int ringFd) throws CallFailed {
    call("wakeups");
    return new Wakeups() {
      @Override
      public void await(int millis) {}

      @Override
      public void wake() {
        calls.add("wake");
      }

      @Override
      public void close() {
        calls.add("no more wakeups");
      }
    };
  }
}
