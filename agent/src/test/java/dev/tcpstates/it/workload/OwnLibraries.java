// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import dev.tcpstates.jfr.TcpState;
import java.net.ServerSocket;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.implementation.FixedValue;
import net.bytebuddy.matcher.ElementMatchers;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLoggerFactory;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/** An application that brings the libraries that are in the agent as well. */
public final class OwnLibraries {
  private OwnLibraries() {}

  public static void main(String[] args) throws Exception {
    System.out.println("before " + System.getProperty("jna.loaded"));
    int pid = NativeLibrary.getInstance("c").getFunction("getpid").invokeInt(new Object[0]);
    System.out.println("JNA works " + (pid == ProcessHandle.current().pid()));
    System.out.println("after " + System.getProperty("jna.loaded"));
    System.out.println("SLF4J has " + LoggerFactory.getILoggerFactory().getClass());
    System.out.println(
        "Byte Buddy made "
            + new ByteBuddy()
                .subclass(Object.class)
                .method(ElementMatchers.named("toString"))
                .intercept(FixedValue.value("this"))
                .make()
                .load(OwnLibraries.class.getClassLoader())
                .getLoaded()
                .getDeclaredConstructor()
                .newInstance());
    for (Class<?> one :
        new Class<?>[] {Native.class, LoggerFactory.class, ByteBuddy.class, TcpState.class}) {
      System.out.println(
          one.getName()
              + " "
              + one.getProtectionDomain().getCodeSource().getLocation()
              + " "
              + one.getModule().getName()
              + " "
              + one.getClassLoader().getClass());
    }
    new ServerSocket(0).close(); // once the agent is ready
  }

  /** The application's own, named by {@code -Dslf4j.provider}. */
  public static final class Provider implements SLF4JServiceProvider {
    /** A type of its own, to be known by. */
    public static final class Factory extends NOPLoggerFactory {}

    private final ILoggerFactory factory = new Factory();

    @Override
    public ILoggerFactory getLoggerFactory() {
      return factory;
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
      return null;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
      return null;
    }

    @Override
    public String getRequestedApiVersion() {
      return "2.0.99";
    }

    @Override
    public void initialize() {}
  }
}
