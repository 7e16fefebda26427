// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;

/**
 * What a thread is, by the JDK's own fields and final methods: an application may override {@code
 * Thread.getId}.
 */
final class Threads {
  /** {@code null} in a JDK without that field. */
  private static final VarHandle ID = idField();

  /** {@code null} before JDK 21, which has no such threads. */
  private static final MethodHandle IS_VIRTUAL = isVirtual();

  static final boolean MAY_BE_VIRTUAL = IS_VIRTUAL != null;

  private Threads() {}

  /**
   * To be called with the agent's permissions: a hook has only those that the application has, too,
   * and a class whose initializer fails once is lost.
   */
  static void initialize() {
    // the class's initializer has run
  }

  private static VarHandle idField() {
    try {
      return MethodHandles.privateLookupIn(Thread.class, MethodHandles.lookup())
          .findVarHandle(Thread.class, "tid", long.class);
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }

  private static MethodHandle isVirtual() {
    try {
      return MethodHandles.publicLookup()
          .findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }

  /** The JVM's number of a thread. */
  static long id(Thread thread) {
    return ID == null ? thread.getId() : (long) ID.get(thread);
  }

  /** A thread's name; for an unnamed virtual thread, {@code virtual-} and its number. */
  static String name(Thread thread) {
    String name = thread.getName();
    return name.isEmpty() && isVirtual(thread) ? "virtual-" + id(thread) : name;
  }

  static boolean isVirtual(Thread thread) {
    try {
      return MAY_BE_VIRTUAL && (boolean) IS_VIRTUAL.invokeExact(thread);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
