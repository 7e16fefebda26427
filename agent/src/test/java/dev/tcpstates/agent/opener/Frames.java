// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import java.lang.StackWalker.StackFrame;
import java.util.Arrays;
import java.util.List;

/** Stacks made of text: {@code some.Class.method:line}, the topmost first. */
final class Frames {
  private Frames() {}

  static List<StackFrame> of(String... frames) {
    return Arrays.stream(frames).map(Frames::frame).toList();
  }

  private static StackFrame frame(String text) {
    int colon = text.indexOf(':');
    String method = colon < 0 ? text : text.substring(0, colon);
    int dot = method.lastIndexOf('.');
    return new StackFrame() {
      @Override
      public String getClassName() {
        return method.substring(0, dot);
      }

      @Override
      public String getMethodName() {
        return method.substring(dot + 1);
      }

      @Override
      public Class<?> getDeclaringClass() {
        throw new UnsupportedOperationException();
      }

      @Override
      public int getByteCodeIndex() {
        return 0;
      }

      @Override
      public String getFileName() {
        return null;
      }

      @Override
      public int getLineNumber() {
        return colon < 0 ? -1 : Integer.parseInt(text.substring(colon + 1));
      }

      @Override
      public boolean isNativeMethod() {
        return false;
      }

      @Override
      public StackTraceElement toStackTraceElement() {
        throw new UnsupportedOperationException();
      }
    };
  }
}
