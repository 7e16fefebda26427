// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.weave;

import java.util.List;

/**
 * One method, and the call that is put into it.
 *
 * @param type the class
 * @param name the method, for people
 * @param method its name in the class file
 * @param descriptor how its descriptor begins
 * @param place where the call is put
 * @param owner the class that is called
 * @param call its method
 * @param callDescriptor that method's descriptor
 * @param ofResult whether the call's first argument is the result, or what is thrown, of which a
 *     copy is left
 * @param slots the local variables that are the call's further arguments
 */
record Hook(
    String type,
    String name,
    String method,
    String descriptor,
    Place place,
    String owner,
    String call,
    String callDescriptor,
    boolean ofResult,
    List<Integer> slots) {
  /** Where in a method the call is put. */
  enum Place {
    START,
    /** Before each return. */
    RETURN,
    /** Where the method throws. */
    THROW,
    /**
     * After Netty's native method {@code connect}: the call's first arguments are its result and
     * the descriptor of {@code this}.
     */
    AFTER_CONNECT,
    /** Before it calls {@code Runnable.run}; the task is the call's argument. */
    BEFORE_RUN,
    /** After that has returned. */
    AFTER_RUN
  }

  /** The call of a method of SocketHooks. */
  Hook(
      String type,
      String name,
      String method,
      String descriptor,
      Place place,
      String call,
      String callDescriptor,
      boolean ofResult,
      List<Integer> slots) {
    this(
        type,
        name,
        method,
        descriptor,
        place,
        "dev/tcpstates/agent/boot/SocketHooks",
        call,
        callDescriptor,
        ofResult,
        slots);
  }

  /** The call in a method that starts a thread. */
  static Hook threadStart(String type, String descriptor) {
    return new Hook(
        type,
        "start",
        "start",
        descriptor,
        Place.START,
        "dev/tcpstates/agent/boot/ThreadHooks",
        "starting",
        "(Ljava/lang/Thread;)V",
        false,
        List.of(0));
  }

  /** The call in a method of an executor of the JDK. */
  static Hook task(
      String type,
      String method,
      String descriptor,
      Place place,
      String call,
      String callDescriptor,
      Integer... slots) {
    return new Hook(
        type,
        method,
        method,
        descriptor,
        place,
        "dev/tcpstates/agent/boot/TaskHooks",
        call,
        callDescriptor,
        false,
        List.of(slots));
  }

  boolean isIn(String otherMethod, String otherDescriptor) {
    return otherMethod.equals(method) && otherDescriptor.startsWith(descriptor);
  }
}
