#!/bin/bash
# Virtual patients on two machines of a cluster. Once, on the login node:  make setup MPI=1 (or what your cluster has), make MPI=1
#     sbatch sweep.sh                 # and the same again if it ran out of time: it goes on
#SBATCH --job-name=virtual-patients
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=16
#SBATCH --cpus-per-task=1
#SBATCH --mem-per-cpu=500M
#SBATCH --time=01:00:00
#SBATCH --signal=TERM@60
#SBATCH --open-mode=append
set -eu
: "${MSCSIM:=mscsim}"
config=${1:-configs/oi_virtual_patients.cfg}
results=${2:-oi_virtual_patients.h5}
shift $(($# < 2 ? $# : 2))

# One process a core, one thread each. --resume goes on with the journals of an earlier job, however many processes it had,
# and begins anew if there are none. OpenMPI's mpirun asks Slurm where to run.
exec mpirun ${MPIRUN_OPTIONS:-} "$MSCSIM" sweep "$config" -o "$results" -j 1 --resume "$@"
