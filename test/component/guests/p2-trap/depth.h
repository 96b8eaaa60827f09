__attribute__((noinline)) static void
fall(int depth)
{
  volatile int *nothing = (int *)-4;
  *nothing = depth;
}

__attribute__((noinline)) static void
descend(int depth)
{
  if (depth > 0)
    fall(depth);
  __builtin_trap();
}
