import ctypes
import ctypes.util
import sys

name = ctypes.util.find_library("alpm")
if name is None:
    sys.exit("no libalpm")
compare = ctypes.CDLL(name).alpm_pkg_vercmp
compare.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
compare.restype = ctypes.c_int

for line in sys.stdin:
    a, b = line.rstrip("\n").encode().split(b"\t")
    sign = compare(a, b)
    print("<" if sign < 0 else ">" if sign > 0 else "=")
