# weft store: what is listed, copied, refused and removed, and how that is said
printf 'store "oss://" { dir = "buckets" }\nstore "nas://srv:/data" { dir = "nas" }\n' > weft.site
mkdir buckets nas
weft store mb oss://first oss://No oss://ab oss://x_y oss:/z; echo "= $?"
weft store ls | sed "s|$PWD|...|"
echo "- names"
mkdir -p in/sub; echo one > in/one; echo two > in/sub/two; echo x > 'in/a?b'; printf y > "$(printf 'in/new\nline')"; printf z > "$(printf 'in/\377')"
mkfifo in/pipe; ln -s ../../etc/passwd in/out; ln -s one in/link; ln -s sub in/dir
weft store cp -r in oss://first/p/; echo "= $?"
weft store ls -r oss://first
weft store ls oss://first/p/
weft store cat oss://first/p/link oss://first/p/sub/two
weft store cp in/one in/sub/two oss://first/q; weft store ls oss://first/q/; weft store ls oss://first/q/one
long=$(printf '%0256d' 0); echo > "${long%0}"; weft store cp "${long%0}" "oss://first/$long" 2>&1 | sed 's/0\{200,\}/0.../'
weft store cp in/one 'oss://first/../x'; weft store cp in/one oss://; echo "= $?"
echo "- what is not there, and what is in the way"
weft store cat oss://first/nothing; weft store ls oss://second; weft store ls oss://first/p/one/; weft store ls here; echo "= $?"
weft store cp -r nowhere oss://first/; weft store cp in oss://first/; weft store cat oss://first/p; weft store cp -r in in/sub oss://first/; echo "= $?"
weft store cp in/one oss://first/p/one/deeper; weft store cp in/one oss://first/q/.; weft store cp in/one buckets/first; mkdir buckets/first/one.d; weft store cp in/one oss://first/one.d; ls buckets/first/one.d
weft store cp buckets/first/one oss://first/one; weft store sync buckets/first oss://first/p; weft store sync in/one oss://first/p; echo "= $?"
mkfifo buckets/first/p/pipe; weft store ls oss://first/p; rm buckets/first/p/pipe; echo "= $?"
echo "- sync"
rm -r in/pipe in/out in/dir in/new* in/a* "$(printf 'in/\377')"
weft store sync in oss://first/p; touch -d 2020-01-01 in/one; weft store sync in oss://first/p; weft store sync -c in oss://first/p
rm -r in/sub; weft store sync -n --delete in oss://first/p; weft store sync -v --delete in oss://first/p; weft store ls -r oss://first/p; ls buckets/first/p
weft store sync oss://first/p/ back/; ls back; weft store sync oss://first/p/ nas://srv:/data/p/; ls nas/p
weft store cp --link in/one oss://first/l; echo "= $?"
weft store cp -r --link oss://first/p oss://first/l/; test buckets/first/p/one -ef buckets/first/l/one && echo "one file"
echo "- rm"
weft store rm oss://first/q/one; weft store ls oss://first/q
weft store rm oss://first/p; weft store rm -r oss://first/p; echo "= $?"
weft store rm -rn oss://first/p; weft store rm -ry oss://first/p oss://first/q; ls buckets/first; weft store rm oss://first/p; echo "= $?"
echo "- usage"
weft store; weft store lss; weft store cp -y a b; weft store cp a; weft store ls --site nowhere; echo "= $?"
weft store stat oss://first | head -n 3; weft store stat --json oss://first/l/link | sed 's/"modified":"[^"]*"/"modified":.../; s|"path":".*/buckets|"path":".../buckets|'
