// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.ReferenceType;
import com.sun.jdi.ThreadReference;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.IllegalConnectorArgumentsException;
import com.sun.jdi.connect.ListeningConnector;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.ClassPrepareEvent;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.request.BreakpointRequest;
import com.sun.jdi.request.ClassPrepareRequest;
import com.sun.jdi.request.EventRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * A debugger that keeps the second half of an agent's start from beginning until the application's
 * threads have come to where they are to wait for it. So it is known who was first.
 */
final class HeldStart implements AutoCloseable {
  private static final long LIMIT_MILLIS = 60_000;

  /** Where threads are held, the last of them so that no time passes. */
  private static final Set<String> HELD = Set.of("start", "awaitOpen");

  /** The start, what a thread comes to that opens a socket before its end, and its time limit. */
  private static final Map<String, String> BREAKPOINTS =
      Map.of(
          "dev.tcpstates.agent.Tracing", "start",
          "dev.tcpstates.agent.boot.StartGate", "awaitOpen",
          "dev.tcpstates.agent.boot.SocketHooks", "afterStart");

  private final ListeningConnector connector;
  private final Map<String, Connector.Argument> arguments;
  private final String address;

  HeldStart() throws IOException, IllegalConnectorArgumentsException {
    connector =
        Bootstrap.virtualMachineManager().listeningConnectors().stream()
            .filter(some -> some.transport().name().equals("dt_socket"))
            .findAny()
            .orElseThrow();
    arguments = connector.defaultArguments();
    arguments.get("localAddress").setValue("127.0.0.1");
    address = connector.startListening(arguments);
  }

  /** What the JVM has to be started with, before the agent. */
  String jvmArgument() {
    return "-agentlib:jdwp=transport=dt_socket,suspend=y,address=" + address;
  }

  /**
   * Lets the start go on when so many threads have opened a socket, and each of them waits or has
   * ended.
   *
   * @return the names of those that waited
   */
  Set<String> goOnAfter(int threads) throws Exception {
    VirtualMachine jvm = connector.accept(arguments);
    for (String type : BREAKPOINTS.keySet()) {
      ClassPrepareRequest request = jvm.eventRequestManager().createClassPrepareRequest();
      request.addClassFilter(type);
      request.enable();
    }
    List<EventSet> held = new ArrayList<>();
    Set<ThreadReference> opening = new LinkedHashSet<>();
    while (held.size() < HELD.size() || opening.size() < threads) {
      EventSet events = jvm.eventQueue().remove(LIMIT_MILLIS);
      if (events == null) {
        throw new AssertionError("held was " + held + ", sockets were opened by " + opening);
      }
      boolean hold = false;
      for (Event event : events) {
        if (event instanceof ClassPrepareEvent prepared) {
          breakIn(prepared.referenceType());
        } else if (event instanceof BreakpointEvent hit) {
          hold |= hit.request().suspendPolicy() != EventRequest.SUSPEND_NONE;
          if (!hold) {
            opening.add(hit.thread());
          }
        }
      }
      if (hold) {
        held.add(events);
      } else {
        events.resume();
      }
    }
    Set<String> waiting = waiting(opening);
    jvm.eventRequestManager().deleteAllBreakpoints();
    held.forEach(EventSet::resume);
    return waiting;
  }

  private static void breakIn(ReferenceType type) {
    String method = BREAKPOINTS.get(type.name());
    BreakpointRequest request =
        type.virtualMachine()
            .eventRequestManager()
            .createBreakpointRequest(type.methodsByName(method).get(0).location());
    request.setSuspendPolicy(
        HELD.contains(method) ? EventRequest.SUSPEND_EVENT_THREAD : EventRequest.SUSPEND_NONE);
    request.enable();
  }

  private static Set<String> waiting(Set<ThreadReference> threads) throws InterruptedException {
    Set<String> waiting = new TreeSet<>();
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LIMIT_MILLIS);
    for (ThreadReference thread : threads) {
      int status = thread.status();
      while (status != ThreadReference.THREAD_STATUS_MONITOR
          && status != ThreadReference.THREAD_STATUS_ZOMBIE
          && System.nanoTime() < end) {
        Thread.sleep(1);
        status = thread.status();
      }
      if (status == ThreadReference.THREAD_STATUS_MONITOR) {
        waiting.add(thread.name());
      }
    }
    return waiting;
  }

  @Override
  public void close() throws IOException, IllegalConnectorArgumentsException {
    connector.stopListening(arguments);
  }
}
