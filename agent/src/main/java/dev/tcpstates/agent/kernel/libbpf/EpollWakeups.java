// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

import com.sun.jna.Native;
import dev.tcpstates.agent.log.Loggers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/** Waits for a ring buffer with epoll, and where that is refused, for the time alone. */
final class EpollWakeups implements LibBpf.Wakeups {
  private static final Logger LOG = Loggers.of(EpollWakeups.class);

  private final byte[] events = new byte[16];
  private final Semaphore woken = new Semaphore(0);
  private final int epoll;
  private final int eventFd;
  private boolean refused;

  EpollWakeups(int ringFd) throws LibBpf.CallFailed {
    epoll = NativeLibC.epoll_create1(NativeLibC.EPOLL_CLOEXEC);
    if (epoll < 0) {
      throw JnaLibBpf.failed("epoll_create1");
    }
    eventFd = NativeLibC.eventfd(0, NativeLibC.EFD_CLOEXEC | NativeLibC.EFD_NONBLOCK);
    try {
      if (eventFd < 0) {
        throw JnaLibBpf.failed("eventfd");
      }
      add(ringFd);
      add(eventFd);
    } catch (LibBpf.CallFailed e) {
      close();
      throw e;
    }
  }

  /** Edge-triggered: a level would return for as long as one record waits, fill mark or not. */
  private void add(int fd) throws LibBpf.CallFailed {
    byte[] event = new byte[16];
    ByteBuffer.wrap(event)
        .order(ByteOrder.nativeOrder())
        .putInt(NativeLibC.EPOLLIN | NativeLibC.EPOLLET);
    if (NativeLibC.epoll_ctl(epoll, NativeLibC.EPOLL_CTL_ADD, fd, event) != 0) {
      throw JnaLibBpf.failed("epoll_ctl");
    }
  }

  @Override
  public void await(int millis) {
    if (!refused) {
      if (NativeLibC.epoll_wait(epoll, events, 1, millis) >= 0) {
        return;
      }
      int errno = Native.getLastError();
      if (errno == Errno.EINTR) {
        return;
      }
      refused = true;
      LOG.warn(
          "epoll_wait: {}; the ring is read by time alone, so bursts of transitions may overrun it;"
              + " allow this system call in the seccomp profile, or set a larger ringSize",
          Errno.name(errno));
    }
    try {
      woken.tryAcquire(millis, TimeUnit.MILLISECONDS);
      woken.drainPermits();
    } catch (InterruptedException e) {
      // Nobody has a reason to interrupt the reader; it comes too early once.
    }
  }

  @Override
  public void wake() {
    woken.release();
    NativeLibC.write(eventFd, new long[] {1}, Long.BYTES);
  }

  @Override
  public void close() {
    NativeLibC.close(eventFd);
    NativeLibC.close(epoll);
  }
}
